import { encodeAmf0 } from '@rtmpipe/amf'
import { createSocket, type Socket } from 'node:dgram'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { parseCertificate, staticCertificate } from '../../src/crypto/certificate.ts'
import { makeKeyPair } from '../../src/crypto/diffie-hellman.ts'
import { discriminatorOfUrl } from '../../src/crypto/endpoint-discriminator.ts'
import {
  agree,
  type Negotiation,
  parseKeying,
  requiredProtection,
  staticInitiatorKeying,
  type WantedProtection,
} from '../../src/crypto/keying.ts'
import { PacketOpener, PacketSealer } from '../../src/crypto/packet-cipher.ts'
import { StartupPackets } from '../../src/startup/startup-packets.ts'
import type { Endpoint } from '../../src/wire/address.ts'
import { ByteReader } from '../../src/wire/byte-reader.ts'
import type { ByteWriter } from '../../src/wire/byte-writer.ts'
import { ChunkType } from '../../src/wire/chunk-type.ts'
import { forEachChunk, Mode, type PacketHeader, readHeader, writeHeader } from '../../src/wire/packet.ts'
import { writeCloseAcknowledgement } from '../../src/wire/session-chunks.ts'
import {
  type InitiatorInitialKeying,
  readResponderHello,
  readResponderKeying,
  type ResponderHello,
  writeInitiatorHello,
  writeInitiatorKeying,
} from '../../src/wire/startup-chunks.ts'
import { Fragment, type OutgoingUserData, writeUserData } from '../../src/wire/user-data.ts'
import { metadataOption, type SeenChunk } from './raw-peer.ts'
import { startupPacketOf } from './startup-peer.ts'

const AGAIN = 60
const LONGEST = 10_000
/** The id that attackers want their packets to have. */
const NEAR_ID = 7
const pair = makeKeyPair(14)

const none: Negotiation = { sends: false, sendsOnRequest: false, requests: false }
/** Neither HMAC nor numbers. */
export const noProtection: WantedProtection = { hmac: none, hmacLength: 0, sequence: none }

export const attackersCertificate: Buffer = staticCertificate([pair]).bytes
export const serverUrl: Buffer = discriminatorOfUrl('rtmfp://127.0.0.1/live')

/** A turn of the event loop in which others are heard. */
export function turn(): Promise<void> {
  return new Promise(resolve => void setImmediate(resolve))
}

/** Somebody at a UDP port of its own, who sends whatever a test wants. */
export class Attacker {
  readonly server: Endpoint
  sentBytes = 0
  receivedBytes = 0
  /** It has sent back a cookie that it was given: what comes now is not for a stranger. */
  isKnown = false
  onDatagram: (datagram: Buffer) => void = () => {}
  readonly #socket: Socket
  readonly #packets = new StartupPackets(() => {})

  private constructor(socket: Socket, server: Endpoint) {
    this.#socket = socket
    this.server = server
    socket.on('message', datagram => {
      this.receivedBytes += datagram.length
      this.onDatagram(datagram)
    })
    socket.on('error', () => {})
  }

  static async bind(server: Endpoint, address: string): Promise<Attacker> {
    const socket = createSocket({
      type: 'udp4',
      recvBufferSize: 1 << 20,
      lookup: (host, _options, done) => done(null, host, 4),
    })
    const listening = once(socket, 'listening')
    socket.bind(0, address)
    await listening
    return new Attacker(socket, server)
  }

  send(datagram: Buffer): void {
    this.sentBytes += datagram.length
    this.#socket.send(datagram, this.server.port, this.server.address)
  }

  /** Sends many, leaving the others their turns. */
  async flood(datagrams: Iterable<Buffer>): Promise<void> {
    let count = 0
    for (const datagram of datagrams) {
      this.send(datagram)
      count += 1
      if (count % 32 === 0) await turn()
    }
    await turn()
  }

  close(): void {
    this.#socket.close()
  }

  /** A datagram under the key that everybody has. */
  startup(write: (writer: ByteWriter) => void, sessionId = 0): Buffer {
    return this.#packets.seal(sessionId, 0, write) as Buffer
  }

  hello(endpointDiscriminator: Buffer = serverUrl, tag: Buffer = Buffer.alloc(16, 1)): Buffer {
    return this.startup(writer => writeInitiatorHello(writer, { endpointDiscriminator, tag }))
  }

  /** The first datagram that `find` finds something in, of those that answer what is sent again and again. */
  async answer<T>(datagram: Buffer, find: (answer: Buffer) => T | undefined): Promise<T> {
    const again = () => this.send(datagram)
    const timer = setInterval(again, AGAIN)
    const before = this.onDatagram
    try {
      return await new Promise((resolve, reject) => {
        const late = setTimeout(() => reject(new Error('the server does not answer')), LONGEST)
        this.onDatagram = received => {
          before(received)
          const found = find(received)
          if (found === undefined) return
          clearTimeout(late)
          resolve(found)
        }
        again()
      })
    } finally {
      clearInterval(timer)
      this.onDatagram = before
    }
  }

  async question(): Promise<ResponderHello> {
    return this.answer(this.hello(), datagram => {
      const packet = startupPacketOf(datagram)
      if (packet?.type !== ChunkType.ResponderHello) return undefined
      return readResponderHello(new ByteReader(packet.payload))
    })
  }

  async cookie(): Promise<Buffer> {
    return Buffer.from((await this.question()).cookie)
  }

  keying(keying: Partial<InitiatorInitialKeying>): Buffer {
    return this.startup(writer => writeInitiatorKeying(writer, keyingOf(keying)))
  }
}

export function keyingOf(keying: Partial<InitiatorInitialKeying>): InitiatorInitialKeying {
  return {
    sessionId: NEAR_ID,
    cookie: Buffer.alloc(64),
    certificate: attackersCertificate,
    keyingComponent: staticInitiatorKeying(14, requiredProtection),
    signature: Buffer.from('X'),
    ...keying,
  }
}

/** Somebody who has opened a session, and sends whatever a test wants in it. */
export class AttackSession {
  readonly attacker: Attacker
  /** The id that the server knows it by. */
  readonly id: number
  /** What came in it, up to some thousand. */
  chunks: SeenChunk[] = []
  readonly #sealer: PacketSealer

  private constructor(attacker: Attacker, id: number, sealer: PacketSealer, opener: PacketOpener) {
    this.attacker = attacker
    this.id = id
    this.#sealer = sealer
    attacker.onDatagram = datagram => {
      const reader = opener.open(datagram)
      if (reader === undefined || this.chunks.length > 5_000) return
      readHeader(reader)
      forEachChunk(reader, (type, chunk) => this.chunks.push({ type, payload: Buffer.from(chunk.rest()) }))
    }
  }

  static async open(attacker: Attacker, protection: WantedProtection = requiredProtection): Promise<AttackSession> {
    const { cookie, certificate } = await attacker.question()
    const far = parseCertificate(Buffer.from(certificate))
    const component = parseKeying(staticInitiatorKeying(14, protection, randomBytes(64)))
    const keying = attacker.keying({ cookie: Buffer.from(cookie), keyingComponent: component.bytes })
    attacker.isKnown = true
    const answer = await attacker.answer(keying, datagram => {
      const packet = startupPacketOf(datagram)
      if (packet?.type !== ChunkType.ResponderInitialKeying) return undefined
      return readResponderKeying(new ByteReader(packet.payload))
    })
    const farComponent = parseKeying(Buffer.from(answer.keyingComponent))
    const keys = agree(pair, component, { certificate: far, component: farComponent })
    if (keys === undefined) throw new Error('no keys')
    const opener = new PacketOpener(keys.receiving)
    const session = new AttackSession(attacker, answer.sessionId, new PacketSealer(keys.sending), opener)
    // Nothing, but under the keys: from now on it is a session like others.
    session.send(() => {})
    return session
  }

  /** A datagram of the session, in the order in which they are made. */
  datagram(write: (writer: ByteWriter) => unknown, header: Partial<PacketHeader> = {}): Buffer {
    const writer = this.#sealer.begin(8_000)
    writeHeader(writer, { mode: Mode.Initiator, ...header })
    write(writer)
    return this.#sealer.seal(this.id, writer)
  }

  send(write: (writer: ByteWriter) => unknown, header: Partial<PacketHeader> = {}): void {
    this.attacker.send(this.datagram(write, header))
  }

  /** Sends many packets, leaving the others their turns. */
  async each(count: number, write: (writer: ByteWriter, index: number) => unknown): Promise<void> {
    for (let index = 0; index < count; index += 1) {
      this.send(writer => write(writer, index))
      if (index % 32 === 31) await turn()
    }
    await turn()
  }

  count(type: number): number {
    return this.chunks.filter(chunk => chunk.type === type).length
  }

  /** Says `connect`, and waits until the server has said something. */
  async connect(): Promise<this> {
    const data = Buffer.concat([
      Buffer.of(20, 0, 0, 0, 0),
      encodeAmf0('connect', 1, { app: 'live', tcUrl: 'rtmfp://127.0.0.1/live' }),
    ])
    const { attacker } = this
    const connect = this.datagram(writer => writeUserData(writer, dataOf({ data })))
    await attacker.answer(connect, () => (this.count(ChunkType.UserData) > 0 ? true : undefined))
    return this
  }

  /** Ends it, for the server to have less to wait for. */
  end(): void {
    this.send(writeCloseAcknowledgement)
  }
}

/** A whole message of the control flow, if nothing else is said. */
export function dataOf(chunk: Partial<OutgoingUserData>): OutgoingUserData {
  return {
    flowId: 2,
    sequence: 1,
    forwardSequence: 0,
    fragment: Fragment.Whole,
    isAbandoned: false,
    isFinal: false,
    options: metadataOption(Buffer.from('54430400', 'hex')),
    data: Buffer.alloc(10),
    ...chunk,
  }
}
