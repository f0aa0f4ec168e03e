import type { PublisherReturnOptions } from '@rtmpipe/plugins/publisher-return'
import { publisherReturnDefaults } from '@rtmpipe/plugins/publisher-return/defaults'
import { object, oneOf, span } from '../config/schema-node.ts'
import type { PluginSection } from './plugin-section.ts'

/** What happens when a name is published that is published already, or was a moment ago. */
export type PublisherReturnConfig = Omit<PublisherReturnOptions, 'mayReturn'>

const schema = object<PublisherReturnConfig>(
  'what happens when a name is published that is published already, or was a moment ago',
  {
    policy: oneOf('what becomes of the newcomer', ['refuse', 'takeover', 'resume'], { example: 'resume' }),
    grace: span('milliseconds that players wait for the next publisher, with resume', publisherReturnDefaults.grace),
  },
  ['policy'],
)

export const publisherReturn: PluginSection<PublisherReturnConfig> = {
  path: ['publisherReturn'],
  schema,
  make: async options => (await import('@rtmpipe/plugins/publisher-return')).publisherReturn(options),
  withWorkers: '`refuse` only: whoever takes a place may have come to another worker',
  refusedWithWorkers({ policy }) {
    if (policy === 'refuse') return []
    const text = `${policy} works in one process only: set workers to 1, or policy to refuse`
    return [{ path: ['publisherReturn', 'policy'], text }]
  },
  refusedInCluster({ policy }) {
    if (policy === 'refuse') return []
    const text = `${policy} works on one machine only, where whoever comes back may come to another: leave cluster out, or set policy to refuse`
    return [{ path: ['publisherReturn', 'policy'], text }]
  },
}
