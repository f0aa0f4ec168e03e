import { ChunkType, type RtmfpSessionKeys, sessionIdOf } from '@rtmpipe/transport-rtmfp/wire'
import type { ComplaintCode } from '../complaint-code.ts'
import type { DumpOptions } from '../options.ts'
import type { ConnectionCount } from '../pcap/connection-count.ts'
import type { DumpRecord } from '../record.ts'
import { KeyRing, type SessionPacket } from './key-ring.ts'
import { openStartup, type OpenedPacket, startupSender } from './opened-packet.ts'
import { type CapturedDatagram, SessionDump } from './session-dump.ts'

/** Of UDP; what is there is taken to be RTMFP. */
export const rtmfpPort = 1935
/** Sessions that are followed at a time; of more, those that began first are over. */
const maxSessions = 10_000

/** What is told where there are no keys. */
const howToRead =
  'its packets can be read with its keys: serve --rtmfp-keylog FILE writes them, --rtmfp-keys FILE reads them'

interface Session {
  readonly dump: SessionDump
  /** Undefined before a packet was opened with them. */
  keys: RtmfpSessionKeys | undefined
  /** Id that packets to the initiator have; undefined before it was told. */
  initiatorId: number | undefined
  /** Pairs of addresses that it was seen between. */
  readonly pairs: Set<string>
}

/** Follows the RTMFP sessions of a capture: all that begins like RTMFP, is at its port, or has keys. */
export class RtmfpSessions {
  readonly #options: DumpOptions
  readonly #emit: (record: DumpRecord) => void
  readonly #numbers: ConnectionCount
  readonly #ring: KeyRing
  /** In the order in which they began. */
  readonly #open = new Set<Session>()
  /** The newest one between two addresses. */
  readonly #byPair = new Map<string, Session>()
  readonly #byKeys = new Map<RtmfpSessionKeys, Session>()

  constructor(options: DumpOptions, numbers: ConnectionCount, emit: (record: DumpRecord) => void) {
    this.#options = options
    this.#numbers = numbers
    this.#emit = emit
    this.#ring = new KeyRing(options.rtmfpKeys ?? [])
  }

  /** @param isAtPort whether one of the ports is that of RTMFP @returns whether it is of RTMFP */
  push(datagram: CapturedDatagram, destination: string, isAtPort: boolean): boolean {
    const { payload, source } = datagram
    const pair = [source, destination].sort().join(' ')
    const between = this.#byPair.get(pair)
    const id = sessionIdOf(payload)
    const packet = id === undefined ? undefined : this.#ring.open(id, datagram, destination, between?.keys)
    if (packet !== undefined) {
      const { dump } = this.#ofKeys(packet, datagram, destination, pair)
      dump.opened(packet.from, datagram, packet)
      return true
    }
    const mayBe = id === 0 || isAtPort || between !== undefined
    const startup = mayBe ? openStartup(payload) : undefined
    const from = startup && startupSender(startup)
    if (startup !== undefined && (from !== undefined || isAtPort || between !== undefined)) {
      this.#startup(startup, from, datagram, destination, pair)
      return true
    }
    if (!isAtPort && between === undefined) return false
    const session = between ?? this.#begin(clientOf(source, destination), datagram, destination, pair)
    session.dump.unopened(session.dump.sideOf(source, destination), datagram, ...whyNot(id, session.keys))
    return true
  }

  /** No more packets. */
  end(): void {
    for (const session of this.#open) this.#close(session)
  }

  #ofKeys({ keys, from }: SessionPacket, datagram: CapturedDatagram, destination: string, pair: string): Session {
    const between = this.#byPair.get(pair)
    const isBetween =
      between?.keys === undefined &&
      (between?.initiatorId === undefined || between.initiatorId === keys.initiator.sessionId)
    const session =
      this.#byKeys.get(keys) ??
      (isBetween ? between : undefined) ??
      this.#begin(from === 'client' ? datagram.source : destination, datagram, destination, pair)
    session.keys = keys
    session.initiatorId = keys.initiator.sessionId
    this.#byKeys.set(keys, session)
    // An end may have moved.
    this.#place(session, pair)
    return session
  }

  #startup(
    packet: OpenedPacket,
    from: 'client' | 'server' | undefined,
    datagram: CapturedDatagram,
    destination: string,
    pair: string,
  ): void {
    const { source } = datagram
    const { bytes, position } = packet.chunks
    const initiatorId =
      bytes[position] === ChunkType.InitiatorInitialKeying && bytes.length >= position + 7
        ? bytes.readUInt32BE(position + 3)
        : undefined
    let session = this.#byPair.get(pair)
    // The same ports again, for another session.
    const isOther =
      initiatorId !== undefined && session?.initiatorId !== undefined && initiatorId !== session.initiatorId
    if (session === undefined || isOther) {
      const client = from === undefined ? clientOf(source, destination) : from === 'client' ? source : destination
      session = this.#begin(client, datagram, destination, pair)
    }
    session.initiatorId ??= initiatorId
    session.dump.opened(session.dump.sideOf(source, destination), datagram, packet)
  }

  #begin(client: string, datagram: CapturedDatagram, destination: string, pair: string): Session {
    const [first] = this.#open
    if (this.#open.size === maxSessions && first !== undefined) this.#close(first)
    const { source, capturedAt } = datagram
    const endpoints = { client, server: client === source ? destination : source }
    const dump = new SessionDump(this.#numbers.next(), endpoints, capturedAt, this.#options, this.#emit)
    const session: Session = { dump, keys: undefined, initiatorId: undefined, pairs: new Set() }
    this.#open.add(session)
    this.#place(session, pair)
    return session
  }

  #place(session: Session, pair: string): void {
    session.pairs.add(pair)
    this.#byPair.set(pair, session)
  }

  #close(session: Session): void {
    session.dump.end()
    this.#open.delete(session)
    for (const pair of session.pairs) if (this.#byPair.get(pair) === session) this.#byPair.delete(pair)
    if (session.keys !== undefined) this.#byKeys.delete(session.keys)
  }
}

function whyNot(id: number | undefined, keys: RtmfpSessionKeys | undefined): [ComplaintCode, string] {
  if (id === undefined) return ['rtmfp-packet', 'a datagram that is too short for a packet']
  if (id === 0) return ['rtmfp-packet', 'a start-up packet that is damaged']
  if (keys === undefined) return ['encrypted', `a session of RTMFP: ${howToRead}`]
  return ['rtmfp-packet', 'the keys of its session do not open it: it is damaged, forged, or of another session']
}

/** Where nothing else tells who asked: a server's port is below those that a system gives out. */
function clientOf(source: string, destination: string): string {
  const [own, other] = [portOf(source), portOf(destination)]
  if (own === rtmfpPort) return destination
  return other === rtmfpPort || own > other ? source : destination
}

function portOf(endpoint: string): number {
  return Number(endpoint.slice(endpoint.lastIndexOf(':') + 1))
}
