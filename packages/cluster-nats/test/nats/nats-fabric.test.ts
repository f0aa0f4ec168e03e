import { fabricCompliance, type FabricSubject } from '@rtmpipe/cluster/testing'
import { silentLogger } from '@rtmpipe/session'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type NatsFabric, natsFabric } from '@rtmpipe/cluster-nats'
import { freePort, portAnswers } from '../../../../test/support/free-port.ts'
import { natsBinaries, NatsServers } from '../../../../test/support/nats-server.ts'
import { RunningProgram } from '../../../../test/support/running-program.ts'

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

describe.skipIf(!hasNats)('natsFabric where no server has JetStream', () => {
  it('says so, once, and what to do', async () => {
    const port = await freePort()
    const [binary] = natsBinaries()
    // With all that it is asked on standard error.
    const args = ['-a', '127.0.0.1', '-p', `${port}`, '-V']
    await using server = new RunningProgram({ name: 'nats-server', file: binary!.file, args, limit: 30_000 })
    await portAnswers(port, server.exited)
    const lines: object[] = []
    const fabric = await new Promise<NatsFabric>(resolve => {
      const warn = (fields: object) => {
        lines.push(fields)
        resolve(made)
      }
      const made = natsFabric({ servers: `127.0.0.1:${port}`, log: { ...silentLogger, warn } })
    })
    await using _ended = fabric
    // It asks for two buckets at a time: at the fifth question the second attempt has its answers.
    let asked = 0
    await server.waitForLine(/PUB \$JS\.API\.INFO/, () => (asked += 1) === 5)
    expect(lines).toEqual([{ why: expect.stringContaining('start one of them or three with -js') }])
  })
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
