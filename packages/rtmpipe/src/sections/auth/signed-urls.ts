import type { SignedUrlsOptions } from '@rtmpipe/plugins/auth'
import { signedUrlsDefaults } from '@rtmpipe/plugins/auth/defaults'
import { either, named, object, text } from '../../config/schema-node.ts'
import type { PluginSection } from '../plugin-section.ts'
import { actions, secret } from './keys.ts'

/** Section `auth.signedUrls`: options of the plugin `signedUrls`. */
export type SignedUrlsConfig = Pick<SignedUrlsOptions, 'keys' | 'actions'>

const schema = object<SignedUrlsConfig>(
  'URLs that rtmpipe sign made',
  {
    keys: either(
      'the secret, or several by their ids',
      [text('', secret), named('', text('', secret))],
      'a key that is not empty',
      { ...secret, example: 'CHANGE-ME' },
    ),
    actions: actions(signedUrlsDefaults.actions),
  },
  ['keys'],
)

export const signedUrls: PluginSection<SignedUrlsConfig> = {
  path: ['auth', 'signedUrls'],
  schema,
  make: async options => (await import('@rtmpipe/plugins/auth')).signedUrls(options),
  withWorkers: 'the same as in one process',
}
