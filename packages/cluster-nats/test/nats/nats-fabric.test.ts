import { fabricCompliance, type FabricSubject } from '@rtmpipe/cluster/testing'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { natsFabric } from '@rtmpipe/cluster-nats'
import { natsBinaries, NatsServers } from '../../../../test/support/nats-server.ts'

const hasNats = natsBinaries().length > 0 || process.env['CI'] !== undefined
if (!hasNats) console.warn('skipping natsFabric: there is no nats-server')

describe.skipIf(!hasNats)('natsFabric', () => {
  let servers: NatsServers
  let round = 0
  // One message of the suite has 16 MB.
  beforeAll(async () => void (servers = await NatsServers.start(undefined, { limit: 300_000, maxPending: '64MB' })))
  afterAll(() => servers[Symbol.asyncDispose]())

  /** Another secret is another cluster: nothing of the case before is in it. */
  function network(): FabricSubject {
    round += 1
    const secret = `of the compliance suite ${round}`
    return {
      open: async () => {
        const fabric = natsFabric({ servers: servers.urls, secret })
        await fabric.ready
        return fabric
      },
    }
  }

  it.each(fabricCompliance)('$name', one => one.run(network))
})
