import type { BitrateQuota, ConnectionQuota, QuotasOptions } from '@rtmpipe/plugins/quotas'
import { quotasDefaults } from '@rtmpipe/plugins/quotas/defaults'
import { amount, either, object, whole } from '../config/schema-node.ts'
import type { ConnectionLimit, PluginSection, ViewerLimit } from './plugin-section.ts'

/** Bitrate, viewers of a stream, streams of a key, connections of an address. */
export type QuotasConfig = Omit<QuotasOptions, 'keyOf'>

const most = Number.MAX_SAFE_INTEGER

const schema = object<QuotasConfig>('rules of yours; who is over one is told which', {
  bitrate: either(
    'bits per second of one publisher',
    [
      amount(''),
      object<BitrateQuota>(
        '',
        {
          bitsPerSecond: amount('bits per second of one publisher, on average'),
          window: amount('milliseconds over which it is measured', quotasDefaults.window),
        },
        ['bitsPerSecond'],
      ),
    ],
    'a number of bits per second, more than 0',
    { example: 6_000_000 },
  ),
  viewersPerStream: { ...whole('who may play a stream at a time', 0, most), example: 500 },
  streamsPerKey: { ...whole('streams published at a time with one key, token or login', 0, most), example: 1 },
  connectionsPerAddress: either(
    'connections of an address at a time',
    [
      whole('', 0, most),
      object<ConnectionQuota>(
        '',
        {
          connections: whole('connections of an IPv4 address, or of an IPv6 network, at a time', 0, most),
          ipv6Prefix: whole('bits of an IPv6 address that count', 1, 128, quotasDefaults.ipv6Prefix),
        },
        ['connections'],
      ),
    ],
    'a whole number from 0',
    { example: 20 },
  ),
})

export const quotas: PluginSection<QuotasConfig> = {
  path: ['quotas'],
  schema,
  make: async options => (await import('@rtmpipe/plugins/quotas')).quotas(options),
  withWorkers:
    '`viewersPerStream` and `connectionsPerAddress` count over all workers; `streamsPerKey` is refused; `bitrate` is of one publisher',
  refusedWithWorkers({ streamsPerKey }) {
    if (streamsPerKey === undefined) return []
    const text = 'counts in one process only: set workers to 1, or leave it out'
    return [{ path: ['quotas', 'streamsPerKey'], text }]
  },
  refusedInCluster({ streamsPerKey }) {
    if (streamsPerKey === undefined) return []
    const text = 'counts on one machine only: leave cluster out, or this'
    return [{ path: ['quotas', 'streamsPerKey'], text }]
  },
  async limitsOfAll({ viewersPerStream, connectionsPerAddress }) {
    return {
      ...(viewersPerStream !== undefined && { viewers: [viewersOfAll(viewersPerStream)] }),
      ...(connectionsPerAddress !== undefined && { connections: [await connectionsOfAll(connectionsPerAddress)] }),
    }
  },
}

function viewersOfAll(most: number): ViewerLimit {
  return { name: 'quotas.viewersPerStream', most, description: `${most} viewers watch this stream already` }
}

async function connectionsOfAll(quota: number | ConnectionQuota): Promise<ConnectionLimit> {
  const { networkOf } = await import('@rtmpipe/plugins/quotas')
  const { connections: most, ipv6Prefix = quotasDefaults.ipv6Prefix } =
    typeof quota === 'number' ? { connections: quota } : quota
  return {
    name: 'quotas.connectionsPerAddress',
    most,
    description: `${most} connections come from this address already`,
    placeOf: address => networkOf(address, ipv6Prefix),
  }
}
