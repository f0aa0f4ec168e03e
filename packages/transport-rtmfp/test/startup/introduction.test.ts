import { describe, expect, it } from 'vitest'
import type { OpenSession } from '../../src/contract/session.ts'
import { discriminatorOfPeer } from '../../src/crypto/endpoint-discriminator.ts'
import type { RtmfpEndpoint } from '../../src/endpoint.ts'
import { AddressOrigin } from '../../src/wire/address.ts'
import { ByteReader } from '../../src/wire/byte-reader.ts'
import { ChunkType } from '../../src/wire/chunk-type.ts'
import { readRedirect, writeInitiatorHello } from '../../src/wire/startup-chunks.ts'
import { exchange, Network, open } from '../support/network.ts'
import { StartupPeer } from '../support/startup-peer.ts'

const server = { address: '192.0.2.1', port: 1_935 }
const first = { address: '198.51.100.7', port: 40_000 }
const second = { address: '203.0.113.8', port: 50_000 }
const groups = [14] as const

/** A server with one client, which others may ask for. */
function served(): { network: Network; introducer: RtmfpEndpoint; target: RtmfpEndpoint; accepted: OpenSession[] } {
  const network = new Network()
  const introducer = network.endpoint(server)
  introducer.onSession = () => {}
  const target = network.endpoint(first, { certificate: 'static', groups })
  const accepted: OpenSession[] = []
  target.onSession = session => accepted.push(session)
  open(network, target, [server])
  network.wait(50)
  return { network, introducer, target, accepted }
}

function ask(network: Network, peer: StartupPeer, peerId: Buffer, size = 16): void {
  peer.send(server, writer =>
    writeInitiatorHello(writer, { endpointDiscriminator: discriminatorOfPeer(peerId), tag: Buffer.alloc(size, 7) }),
  )
}

describe('an introduction', () => {
  it('brings two clients of a server together, through what lets nobody in that was not asked', () => {
    const { network, introducer, target, accepted } = served()
    const asked: unknown[] = []
    introducer.onIntroduce = (wanted, asking, from) => {
      asked.push([wanted.farId, asking?.farId, from])
      return { reported: [{ address: '203.0.113.99', port: 1 }] }
    }
    const other = network.endpoint(second, { certificate: 'static', groups })
    // Each one's router lets in only what comes from where its client has sent to.
    const holes = new Set<string>()
    network.passes = ({ from, to }) => {
      holes.add(`${from.port} ${to.port}`)
      return to.port === server.port || from.port === server.port || holes.has(`${to.port} ${from.port}`)
    }
    const outcome = open(network, other, [server], { peerId: target.id })
    network.wait(5_000, () => outcome.session !== undefined)
    expect(asked).toEqual([[target.id, undefined, second]])
    expect(outcome.session).toMatchObject({ remote: first, farId: target.id, nearId: other.id })
    expect(accepted[0]).toMatchObject({ remote: second, farId: other.id })
    expect(exchange(network, outcome.session as OpenSession, accepted[0] as OpenSession)).toHaveLength(2)
  })

  it('is made by nobody who was not told to', () => {
    const { network, target } = served()
    network.sent.length = 0
    const outcome = open(network, network.endpoint(second), [server], { peerId: target.id })
    network.wait(10_000)
    expect(outcome.session).toBeUndefined()
    expect(network.sent.every(({ from, to }) => from === second && to === server)).toBe(true)
  })

  it('of somebody unknown is not even asked for', () => {
    const { network, introducer } = served()
    introducer.onIntroduce = () => {
      throw new Error('asked')
    }
    const peer = new StartupPeer(network, second)
    ask(network, peer, Buffer.alloc(32, 9))
    expect(peer.seen).toEqual([])
  })

  it('tells what may be told, in no more than twice the bytes of the question', () => {
    const { network, introducer, target } = served()
    const reported = [
      '127.0.0.1',
      '169.254.1.1',
      '224.0.0.1',
      'fe80::1',
      ...Array.from({ length: 40 }, (_, index) => `2001:db8::${index + 1}`),
    ].map(address => ({ address, port: 5_000 }))
    introducer.onIntroduce = () => ({ reported })
    const peer = new StartupPeer(network, second)
    ask(network, peer, target.id, 16)
    const [seen] = peer.seen
    expect(seen?.type).toBe(ChunkType.Redirect)
    expect(seen?.datagram.length).toBeLessThanOrEqual(2 * 84)
    const { destinations, tag } = readRedirect(new ByteReader(seen?.payload as Buffer))
    expect(tag).toEqual(Buffer.alloc(16, 7))
    expect(destinations[0]).toEqual({ ...first, origin: AddressOrigin.Observed })
    expect(destinations[1]).toEqual({ address: '2001:db8::1', port: 5_000, origin: AddressOrigin.Reported })
    ask(network, peer, target.id, 900)
    const longer = peer.seen.findLast(({ type }) => type === ChunkType.Redirect)
    // Of the first 16 that were reported, four are of no use to anybody.
    expect(readRedirect(new ByteReader(longer?.payload as Buffer)).destinations).toHaveLength(1 + 12)
  })

  it('is looked up ten times a second for one source', () => {
    const { network, introducer, target } = served()
    let count = 0
    introducer.onIntroduce = () => {
      count += 1
      return undefined
    }
    network.wait(1_000)
    const peer = new StartupPeer(network, second)
    const hello = peer.datagram(writer =>
      writeInitiatorHello(writer, { endpointDiscriminator: discriminatorOfPeer(target.id), tag: Buffer.alloc(16) }),
    )
    for (let index = 0; index < 50; index += 1) network.send(hello, second, server)
    network.wait(500)
    expect(count).toBe(10)
    network.wait(1_000)
    ask(network, peer, target.id)
    expect(count).toBe(11)
  })
})

describe('a decision that takes its time', () => {
  /** Lets promises settle: the clock of the network knows none. */
  const settled = () => new Promise(setImmediate)

  function deciding(limits = {}) {
    const network = new Network()
    const introducer = network.endpoint(server, { limits })
    introducer.onSession = () => {}
    const target = network.endpoint(first, { certificate: 'static', groups })
    open(network, target, [server])
    network.wait(50)
    const decisions: ((introduction?: { reported: [] }) => void)[] = []
    const failures: (() => void)[] = []
    introducer.onIntroduce = () =>
      new Promise((resolve, reject) => {
        decisions.push(resolve)
        failures.push(() => reject(new Error('broken')))
      })
    return { network, target, introducer, decisions, failures }
  }

  it('is asked for once, however often the question comes, and answered when it is made', async () => {
    const { network, target, decisions } = deciding()
    const peer = new StartupPeer(network, second)
    ask(network, peer, target.id)
    ask(network, peer, target.id)
    expect(decisions).toHaveLength(1)
    expect(peer.seen).toEqual([])
    decisions[0]?.({ reported: [] })
    await settled()
    network.wait(50)
    expect(peer.seen.map(({ type }) => type)).toContain(ChunkType.Redirect)
  })

  it.each([
    ['a refusal', ({ decisions }: ReturnType<typeof deciding>) => decisions[0]?.()],
    ['a failure', ({ failures }: ReturnType<typeof deciding>) => failures[0]?.()],
  ])('leaves nothing behind after %s', async (_name, decide) => {
    const deciding_ = deciding()
    const { network, target, decisions } = deciding_
    const peer = new StartupPeer(network, second)
    ask(network, peer, target.id)
    decide(deciding_)
    await settled()
    expect(peer.seen).toEqual([])
    ask(network, peer, target.id)
    expect(decisions).toHaveLength(2)
  })

  it('is waited for by so many at a time, and for so long', async () => {
    const { network, target, decisions } = deciding({ maxIntroductions: 2 })
    const peers = [60_001, 60_002, 60_003].map(port => new StartupPeer(network, { ...second, port }))
    for (const peer of peers) ask(network, peer, target.id)
    expect(decisions).toHaveLength(2)
    network.wait(16_000)
    const late = peers[2] as StartupPeer
    ask(network, late, target.id)
    expect(decisions).toHaveLength(3)
    for (const decide of decisions) decide({ reported: [] })
    await settled()
    network.wait(50)
    const redirects = peers.map(({ seen }) => seen.filter(({ type }) => type === ChunkType.Redirect).length)
    expect(redirects).toEqual([0, 0, 1])
  })

  it('is no use when the wanted one has left meanwhile', async () => {
    const { network, target, decisions } = deciding()
    const peer = new StartupPeer(network, second)
    ask(network, peer, target.id)
    target.destroy()
    network.wait(50)
    decisions[0]?.({ reported: [] })
    await settled()
    network.wait(50)
    expect(peer.seen).toEqual([])
  })
})
