import { messagePair } from '@rtmpipe/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { deny } from '../../src/contract/denial.ts'
import type { GateTiming } from '../../src/contract/gate-timing.ts'
import type { IntroduceEvent, Plugin } from '../../src/contract/plugin.ts'
import type {
  MessageListenOptions,
  MessageTransport,
  MessageTransportConnection,
} from '../../src/contract/transport.ts'
import { RtmpClient } from '../../src/client/rtmp-client.ts'
import { RtmpServer } from '../../src/server/rtmp-server.ts'

const servers: RtmpServer[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

/** A server of one transport whose peers have ids, and what it asks the server when one is to be introduced. */
async function serve(...plugins: readonly Plugin[]) {
  let accept: (connection: MessageTransportConnection) => void = () => {}
  let introduce: MessageListenOptions['introduce']
  const transport: MessageTransport = {
    name: 'test',
    schemes: ['test'],
    async listen(accepted, options) {
      accept = accepted
      introduce = options?.introduce
      return { scheme: 'test', address: { address: 'test', port: 0 }, async close() {} }
    },
    dial: () => Promise.reject(new Error('not dialled')),
  }
  const server = new RtmpServer({ transports: [transport], plugins })
  servers.push(server)
  await server.listen()
  let peers = 0
  return {
    introduce: (wanted: MessageTransportConnection, asking?: MessageTransportConnection) => introduce?.(wanted, asking),
    come() {
      const [near, far] = messagePair()
      peers += 1
      const remote = { address: '192.0.2.1', port: peers }
      const connection = { messages: far, transport: 'test', secure: true, remote, peerId: `${peers}` }
      accept(connection)
      return { connection, client: new RtmpClient(near) }
    },
    async connect(app: string, ...addresses: readonly string[]) {
      const { connection, client } = this.come()
      await client.connect({ app, tcUrl: `test://server/${app}` })
      if (addresses.length > 0) await client.call('setPeerInfo', ...addresses)
      return connection
    },
  }
}

describe('an introduction', () => {
  it('is made to whom is connected with the same application, with the addresses that were reported', async () => {
    const server = await serve()
    const wanted = await server.connect('live', '192.0.2.7:1935', 'nowhere', '[2001:db8::7]:1935')
    const asking = await server.connect('live')
    expect(await server.introduce(wanted, asking)).toEqual({
      reported: [
        { address: '192.0.2.7', port: 1_935 },
        { address: '2001:db8::7', port: 1_935 },
      ],
    })
  })

  it.each(['other', 'live/room'])('is not made to one of %s', async app => {
    const server = await serve()
    const wanted = await server.connect('live', '192.0.2.7:1935')
    expect(await server.introduce(wanted, await server.connect(app))).toBeUndefined()
  })

  it('is not made to one that has not said that it can be reached, nor to itself, nor by whom is not connected', async () => {
    const server = await serve()
    const silent = await server.connect('live')
    const wanted = await server.connect('live', '192.0.2.7:1935')
    expect(await server.introduce(silent, wanted)).toBeUndefined()
    expect(await server.introduce(wanted, wanted)).toBeUndefined()
    expect(await server.introduce(wanted, server.come().connection)).toBeUndefined()
    expect(await server.introduce(wanted)).toBeUndefined()
  })

  it('keeps sixteen addresses', async () => {
    const server = await serve()
    const addresses = Array.from({ length: 40 }, (_, index) => `192.0.2.${index + 1}:1935`)
    const wanted = await server.connect('live', ...addresses)
    const introduction = await server.introduce(wanted, await server.connect('live'))
    expect(introduction?.reported).toHaveLength(16)
  })
})

describe('onIntroduce', () => {
  it('is asked by both, with what holds unless it says otherwise', async () => {
    const events: IntroduceEvent[] = []
    const server = await serve({ name: 'gate', onIntroduce: event => void events.push(event) })
    const wanted = await server.connect('live', '192.0.2.7:1935')
    expect(await server.introduce(wanted, await server.connect('live'))).toBeDefined()
    expect(await server.introduce(wanted, await server.connect('other'))).toBeUndefined()
    expect(
      events.map(({ connection, wanted, app, allowed }) => [connection.peerId, wanted.peerId, app, allowed]),
    ).toEqual([
      ['2', '1', 'live', true],
      ['3', '1', 'other', false],
    ])
  })

  it.each<[string, Plugin['onIntroduce'], boolean, GateTiming['result']]>([
    ['allows', () => ({ allowed: true }), true, 'allowed'],
    ['does not allow', async () => ({ allowed: false }), false, 'allowed'],
    ['denies', () => deny('NetConnection.Connect.Rejected', 'no'), false, 'denied'],
    ['throws', () => Promise.reject(new Error('broken')), false, 'failed'],
    ['answers nonsense', (() => ({ allowed: 'yes' })) as unknown as Plugin['onIntroduce'], false, 'failed'],
  ])('that %s', async (_name, onIntroduce, isMade, result) => {
    const timings: GateTiming[] = []
    const plugin: Plugin = {
      name: 'gate',
      onGate: timing => void timings.push(timing),
      ...(onIntroduce && { onIntroduce }),
    }
    const server = await serve(plugin)
    const wanted = await server.connect('live', '192.0.2.7:1935')
    const introduction = await server.introduce(wanted, await server.connect('other'))
    expect(introduction !== undefined).toBe(isMade)
    expect(timings).toMatchObject([{ hook: 'onIntroduce', plugin: 'gate', result, connection: { peerId: '2' } }])
  })
})
