import type { PublishKeysOptions, StreamKey } from '@rtmpipe/plugins/auth'
import { publishKeysDefaults } from '@rtmpipe/plugins/auth/defaults'
import { either, list, object, text } from '../../config/schema-node.ts'
import type { PluginSection } from '../plugin-section.ts'
import { actions, secret } from './keys.ts'

const streamKey = object<StreamKey>(
  'a key, and what it opens',
  {
    key: text('the key', secret),
    streams: list('patterns of app/stream, like live/room-*', text(''), { default: publishKeysDefaults.streams }),
  },
  ['key'],
)

const schema = object<PublishKeysOptions>(
  'static keys: a stream key is name?key=KEY',
  {
    keys: list(
      'the keys; any of them will do',
      either('', [text('', secret), streamKey], 'a key that is not empty', secret),
      {
        minItems: 1,
        example: ['CHANGE-ME'],
      },
    ),
    actions: actions(publishKeysDefaults.actions),
    parameter: text('query parameter that has the key', { default: publishKeysDefaults.parameter }),
  },
  ['keys'],
)

export const publishKeys: PluginSection<PublishKeysOptions> = {
  path: ['auth', 'publishKeys'],
  schema,
  make: async options => (await import('@rtmpipe/plugins/auth')).publishKeys(options),
  withWorkers: 'the same as in one process',
}
