import type { IpFilterOptions } from '@rtmpipe/plugins/auth'
import { ipFilterDefaults } from '@rtmpipe/plugins/auth/defaults'
import { list, object, oneOf, text } from '../../config/schema-node.ts'
import type { PluginSection } from '../plugin-section.ts'

const schema = object<IpFilterOptions>('addresses that may connect, and those that may not', {
  allow: list('addresses and networks that may; all others may not', text(''), { example: ['10.0.0.0/8'] }),
  deny: list('addresses and networks that may not', text(''), {
    default: ipFilterDefaults.deny,
    example: ['192.0.2.0/24'],
  }),
  actions: list(
    'ask only of these: publish, play; without it, of everybody who connects',
    oneOf('', ['publish', 'play']),
    {
      example: ['publish'],
    },
  ),
})

export const ipFilter: PluginSection<IpFilterOptions> = {
  path: ['auth', 'ipFilter'],
  schema,
  make: async options => (await import('@rtmpipe/plugins/auth')).ipFilter(options),
  withWorkers: 'the same as in one process',
}
