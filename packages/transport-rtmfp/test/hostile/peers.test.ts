import type { RtmpClient } from '@rtmpipe/session'
import { randomBytes } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import type { OpenSession } from '../../src/contract/session.ts'
import { discriminatorOfPeer } from '../../src/crypto/endpoint-discriminator.ts'
import { DatagramSocket } from '../../src/datagram-socket.ts'
import type { Endpoint } from '../../src/index.ts'
import type { Session } from '../../src/session/session.ts'
import { AddressOrigin } from '../../src/wire/address.ts'
import { ByteReader } from '../../src/wire/byte-reader.ts'
import { ChunkType } from '../../src/wire/chunk-type.ts'
import { writeFiller } from '../../src/wire/packet.ts'
import { readResponderHello, type ResponderHello, writeInitiatorHello } from '../../src/wire/startup-chunks.ts'
import { idOf, serve, type Served } from '../peers/serve.ts'
import { Attacker, turn } from '../support/attacker.ts'
import { startupPacketOf } from '../support/startup-peer.ts'

const attackers: Attacker[] = []
const sockets: DatagramSocket[] = []

afterEach(() => {
  for (const attacker of attackers.splice(0)) attacker.close()
  for (const socket of sockets.splice(0)) socket.close()
})

async function attackerOf(target: Endpoint, address = '127.66.1.1'): Promise<Attacker> {
  const attacker = await Attacker.bind(target, address)
  attackers.push(attacker)
  return attacker
}

/** Where the server sees a client. */
function placeOf({ server }: Served, client: RtmpClient): Endpoint {
  const [found] = [...server.connections].filter(({ peerId }) => peerId === idOf(client))
  return { address: '127.0.0.1', port: found?.remote.port ?? 0 }
}

function serverOf({ server }: Served): Endpoint {
  const [listener] = server.listeners
  return listener?.address as Endpoint
}

/** A question for a peer, as long as its answer needs it. */
function questionFor(attacker: Attacker, id: Buffer): Buffer {
  return attacker.startup(writer => {
    writeInitiatorHello(writer, { endpointDiscriminator: discriminatorOfPeer(id), tag: Buffer.alloc(16) })
    writeFiller(writer, 400)
  })
}

function answerOf(attacker: Attacker, id: Buffer): Promise<ResponderHello> {
  return attacker.answer(questionFor(attacker, id), datagram => {
    const packet = startupPacketOf(datagram)
    return packet?.type === ChunkType.ResponderHello ? readResponderHello(new ByteReader(packet.payload)) : undefined
  })
}

/** Opens a session by name of somebody else; says whether that was answered. */
async function openAs(attacker: Attacker, hello: ResponderHello, certificate: Buffer): Promise<boolean> {
  let isAnswered = false
  attacker.onDatagram = datagram => {
    isAnswered ||= startupPacketOf(datagram)?.type === ChunkType.ResponderInitialKeying
  }
  attacker.send(attacker.keying({ cookie: Buffer.from(hello.cookie), certificate }))
  await expect.poll(() => isAnswered, { timeout: 5_000 }).toBe(true)
  return isAnswered
}

describe('the certificate of another one', () => {
  it('hides nobody from those who ask the server for him', async () => {
    const served = await serve()
    const victim = await served.connect()
    await victim.publish('cam', { to: 'peers' })
    const id = Buffer.from(idOf(victim), 'hex')
    const { certificate } = await answerOf(await attackerOf(placeOf(served, victim)), id)
    const thief = await attackerOf(serverOf(served))
    await openAs(thief, await thief.question(), Buffer.from(certificate))
    expect(served.server.connections.size).toBe(1)
    const viewer = await served.connect('live', 2_000)
    await viewer.play('cam', { peer: idOf(victim) })
  })

  it('is not taken for him by a client that plays from him', async () => {
    const served = await serve()
    const [victim, viewer] = [await served.connect(), await served.connect('live', 2_000)]
    for (const client of [victim, viewer]) await client.publish('cam', { to: 'peers' })
    const victimId = Buffer.from(idOf(victim), 'hex')
    const { certificate } = await answerOf(await attackerOf(placeOf(served, victim)), victimId)
    const thief = await attackerOf(placeOf(served, viewer))
    await openAs(thief, await answerOf(thief, Buffer.from(idOf(viewer), 'hex')), Buffer.from(certificate))
    await viewer.play('cam', { peer: idOf(victim) })
  })
})

it('lookups by strangers of the same network keep nobody from a peer', async () => {
  const served = await serve()
  const publisher = await served.connect()
  await publisher.publish('cam', { to: 'peers' })
  const viewers = [await served.connect('live', 3_000), await served.connect('live', 3_000)]
  const stranger = await attackerOf(serverOf(served), '127.0.0.99')
  const flood = () => {
    for (let count = 0; count < 10; count += 1)
      stranger.send(
        stranger.hello(discriminatorOfPeer(count === 0 ? Buffer.from(idOf(publisher), 'hex') : randomBytes(32))),
      )
  }
  flood()
  const timer = setInterval(flood, 10)
  try {
    for (let round = 0; round < 10; round += 1) await turn()
    await Promise.all(viewers.map(viewer => viewer.play('cam', { peer: idOf(publisher) })))
  } finally {
    clearInterval(timer)
  }
  expect(stranger.receivedBytes).toBe(0)
})

describe('nobody is sent what he has not asked for', () => {
  async function bind(certificate: 'static' | 'ephemeral'): Promise<DatagramSocket> {
    const socket = await DatagramSocket.bind({ certificate, groups: [14], host: '127.0.0.1' })
    sockets.push(socket)
    return socket
  }

  /** A client of somebody, who passes on 30 questions of a third party; the datagrams that come to that one. */
  async function passedOn(asPeer: boolean): Promise<number> {
    const [bad, victim] = [await bind(asPeer ? 'static' : 'ephemeral'), await bind('static')]
    const sink = await bind('static')
    const arrived: number[] = []
    sink.endpoint.receive = datagram => void arrived.push(startupPacketOf(datagram)?.type ?? 0)
    let read = () => {}
    const isRead = new Promise<void>(resolve => (read = resolve))
    const session = await new Promise<OpenSession>((resolve, reject) => {
      bad.endpoint.onSession = resolve
      const who = asPeer ? { peerId: bad.endpoint.id } : { url: 'rtmfp://127.0.0.1/live' }
      victim.endpoint.open({ ...who, candidates: [bad.address] }, victim.now, (error, opened) => {
        if (opened === undefined) return reject(error)
        opened.onFlow = flow => {
          flow.onMessage = () => read()
          return true
        }
      })
    })
    for (let index = 0; index < 30; index += 1)
      (session as Session).forward({
        endpointDiscriminator: discriminatorOfPeer(victim.endpoint.id),
        tag: Buffer.alloc(16, index),
        reply: { ...sink.address, origin: AddressOrigin.Observed },
      })
    session.openFlow({ metadata: Buffer.from('m'), priority: 4 }).write([Buffer.from('read')])
    await isRead
    // Whatever it has sent there before that comes before this.
    const probe = { peerId: Buffer.alloc(32, 1), candidates: [sink.address] }
    victim.endpoint.open(probe, victim.now, () => {})
    await expect.poll(() => arrived).toContain(ChunkType.InitiatorHello)
    return arrived.filter(type => type === ChunkType.ResponderHello).length
  }

  it('by way of a peer', async () => {
    expect(await passedOn(true)).toBe(0)
  })

  it('by way of a server, more than three times', async () => {
    expect(await passedOn(false)).toBe(3)
  })
})

describe('a client that somebody floods', () => {
  it('answers nobody while it publishes nothing to peers', async () => {
    const served = await serve()
    const client = await served.connect()
    const attacker = await attackerOf(placeOf(served, client))
    const question = questionFor(attacker, Buffer.from(idOf(client), 'hex'))
    await attacker.flood(Array.from({ length: 50 }, () => question))
    // It has read them when it has answered to the server.
    await client.publish('show')
    expect(attacker.receivedBytes).toBe(0)
  })

  it('has few sessions with one address', async () => {
    const served = await serve()
    const client = await served.connect()
    await client.publish('cam', { to: 'peers', maxPeers: 2 })
    const id = Buffer.from(idOf(client), 'hex')
    const place = placeOf(served, client)
    const floods = await Promise.all(Array.from({ length: 20 }, () => attackerOf(place, '127.66.1.7')))
    let answered = 0
    for (const attacker of floods) {
      const hello = await answerOf(attacker, id)
      const certificate = Buffer.from(hello.certificate)
      attacker.onDatagram = datagram => {
        if (startupPacketOf(datagram)?.type === ChunkType.ResponderInitialKeying) answered += 1
      }
      attacker.send(attacker.keying({ cookie: Buffer.from(hello.cookie), certificate }))
    }
    await expect.poll(() => answered).toBe(8 + 2)
    // A viewer is let in all the same.
    await (await served.connect()).play('cam', { peer: idOf(client) })
    expect(answered).toBe(8 + 2)
  })
})
