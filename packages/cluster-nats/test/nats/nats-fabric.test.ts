import { fabricCompliance, type FabricSubject } from '@rtmpipe/cluster/testing'
import { silentLogger } from '@rtmpipe/session'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { natsFabric } from '@rtmpipe/cluster-nats'
import { freePort } from '../../../../test/support/free-port.ts'
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

  it('tells how it fares', async () => {
    await using fabric = natsFabric({ servers: servers.urls, mediaConnections: 2 })
    await fabric.ready
    const server = `127.0.0.1:${servers.one.port}`
    expect(fabric.stats).toMatchObject({ connected: [server, server, server], reconnects: 0, dropped: 0, holes: 0 })
    expect(fabric.stats).toMatchObject({ droppedBytes: 0, joined: 0, offered: 0 })
  })

  it.each(fabricCompliance)('$name', one => one.run(network))
})

describe('natsFabric without a server', () => {
  it('logs where the server that uses it does, also what was before, and goes on', async () => {
    const port = await freePort()
    await using fabric = natsFabric({ servers: `nats://me:hunter2@127.0.0.1:${port}` })
    const lines: string[] = []
    const warned = new Promise<void>(resolve => {
      const warn = (fields: object, message: string) => {
        lines.push(`${message} ${JSON.stringify(fields)}`)
        resolve()
      }
      // It may have been said already.
      setImmediate(() => fabric.logTo({ ...silentLogger, warn }))
    })
    await warned
    expect(lines[0]).toContain(`can not connect to the NATS server, and keep trying`)
    expect(lines[0]).toContain(`"127.0.0.1:${port}"`)
    expect(lines.join()).not.toContain('hunter2')
    expect(fabric.stats.connected).toEqual([undefined, undefined])
  })
})
