import type { EndpointHost, EndpointMachine, EndpointUsage, Opening, Target } from './contract/endpoint.ts'
import type { OpenSession } from './contract/session.ts'
import { type Group, type KeyPair, makeKeyPair } from './crypto/diffie-hellman.ts'
import type { SessionKeys } from './crypto/keying.ts'
import { sessionIdOf } from './crypto/packet-cipher.ts'
import { DeadlineQueue } from './deadline-queue.ts'
import { defaultEndpointLimits, type EndpointLimits } from './limits.ts'
import { Session, type SessionHost } from './session/session.ts'
import { SharedMemory } from './session/shared-memory.ts'
import { TimeCriticalTraffic } from './session/time-critical.ts'
import { isProven, type SessionEntry, SessionTable } from './session-table.ts'
import { Identity } from './startup/identity.ts'
import { Initiator, type InitiatorHost, type Opened } from './startup/initiator.ts'
import { Introducer } from './startup/introducer.ts'
import { PacketFragments } from './startup/packet-fragments.ts'
import { type Answered, Responder, type ResponderHost } from './startup/responder.ts'
import { StartupError } from './startup/startup-error.ts'
import { StartupPackets } from './startup/startup-packets.ts'
import type { Endpoint } from './wire/address.ts'
import { ByteReader } from './wire/byte-reader.ts'
import { ChunkType } from './wire/chunk-type.ts'
import {
  readCookieChange,
  readInitiatorHello,
  readInitiatorKeying,
  readPacketFragment,
  readRedirect,
  readResponderHello,
  readResponderKeying,
} from './wire/startup-chunks.ts'

export interface EndpointOptions {
  /** New keys for each session, or the same ones for all: the latter is a client's, which is known by them. */
  readonly certificate: 'ephemeral' | 'static'
  /** Diffie-Hellman groups, best first. Default 14, 5 and 2; the last one is for old clients and servers, and weak. */
  readonly groups?: readonly Group[]
  /** Opens only sessions whose packets are authenticated and numbered, both ways. Default false. */
  readonly requireHmac?: boolean
  readonly limits?: Partial<EndpointLimits>
  /** Told the keys of every session, before anything else is done with it. */
  readonly onKeys?: ((opened: OpenedKeys) => void) | undefined
}

/** Keys of a session, as its end has them that tells of them. */
export interface OpenedKeys {
  readonly isInitiator: boolean
  /** The id that packets to this end have. */
  readonly sessionId: number
  readonly farSessionId: number
  readonly remote: Endpoint
  readonly keys: SessionKeys
}

const defaultGroups: readonly Group[] = [14, 5, 2]
const OLD_GROUP = 2
/** Datagrams after which the rest waits: receivers lose what comes in longer bursts. */
const MOST_SENDS = 64
const SECRET = 32
/** Packets that the keys of a session do not open, before the first one that they do. More of them are guesses. */
const MOST_BROKEN = 64

type Done = (error: Error | undefined, session: OpenSession | undefined) => void

/** An {@link EndpointMachine}: start-up, and the table of sessions. What comes by session ids is the sessions'. */
export class RtmfpEndpoint implements EndpointMachine {
  onSession: EndpointMachine['onSession'] = session => session.destroy()
  onIntroduce: EndpointMachine['onIntroduce'] = () => undefined
  answers = true
  expected = 0
  readonly #host: EndpointHost
  readonly #limits: EndpointLimits
  readonly #onKeys: EndpointOptions['onKeys']
  readonly #packets: StartupPackets
  readonly #responder: Responder
  readonly #introducer: Introducer
  readonly #traffic = new TimeCriticalTraffic()
  readonly #received: SharedMemory
  readonly #queued: SharedMemory
  readonly #fragments: PacketFragments
  readonly #sessions = new SessionTable()
  readonly #initiators = new Map<Initiator, Done>()
  /** Those whose keys are being agreed upon, by the ids that the answers have. */
  readonly #keying = new Map<number, Initiator>()
  readonly #opening = new DeadlineQueue<Initiator>()
  /** Those that wait for the session that another one is about to open. */
  readonly #joined = new Map<Initiator, Initiator>()
  readonly #initiatorHost: InitiatorHost
  #identity: Identity
  readonly #oldPair: KeyPair | undefined
  #now: number
  #isStopped = false
  #isBusy = false
  /** Something in the packet that is being read is to be answered. */
  #hasAsked = false
  #sends = 0

  constructor(host: EndpointHost, options: EndpointOptions, now: number) {
    const { certificate, groups = defaultGroups, requireHmac = false } = options
    this.#host = host
    this.#now = now
    this.#onKeys = options.onKeys
    this.#limits = { ...defaultEndpointLimits, ...options.limits }
    if (certificate === 'static') {
      const pairs = groups.map(group => makeKeyPair(group))
      this.#identity = Identity.static(pairs)
      this.#oldPair = pairs.find(({ group }) => group === OLD_GROUP)
    } else this.#identity = Identity.ephemeral(groups, length => host.randomBytes(length))
    this.#received = new SharedMemory(this.#limits.maxReceived)
    this.#queued = new SharedMemory(this.#limits.maxQueued)
    this.#fragments = new PacketFragments(this.#limits.maxFragmentedPackets)
    this.#packets = new StartupPackets((datagram, to) => this.#send(datagram, to))
    this.#initiatorHost = this.#makeInitiatorHost(requireHmac)
    this.#responder = new Responder(this.#makeResponderHost(requireHmac), this.#limits, now)
    this.#introducer = new Introducer(
      {
        packets: this.#packets,
        sessionWith: fingerprint => this.#sessions.withPeer(fingerprint)?.session,
        sessionAt: from => {
          const entry = this.#sessions.at(from)
          return entry !== undefined && isProven(entry) ? entry.session : undefined
        },
        onIntroduce: (wanted, asking, from) => this.onIntroduce(wanted, asking, from),
        now: () => this.#now,
      },
      this.#limits,
    )
  }

  get id(): Buffer {
    return this.#identity.certificate.fingerprint
  }

  get size(): number {
    return this.#sessions.size
  }

  get isUnheard(): boolean {
    return this.#sessions.all().some(({ session }) => session.isUnheard)
  }

  get usage(): EndpointUsage {
    const { size, total } = this.#sessions
    let flows = 0
    for (const { session } of this.#sessions.all()) flows += session.flowCount
    return {
      sessions: size,
      lingering: total - size,
      flows,
      receivedBytes: this.#received.used,
      queuedBytes: this.#queued.used,
    }
  }

  get deadline(): number {
    return Math.min(
      this.#sessions.next?.dueAt ?? Number.POSITIVE_INFINITY,
      this.#opening.next?.dueAt ?? Number.POSITIVE_INFINITY,
    )
  }

  receive(datagram: Buffer, from: Endpoint, now: number): void {
    const id = sessionIdOf(datagram)
    if (id === undefined) return
    this.#now = now
    this.#isBusy = true
    this.#hasAsked = false
    try {
      if (id === 0) this.#packets.read(datagram, (type, chunk) => this.#take(type, chunk, datagram.length, from, now))
      else {
        const entry = this.#sessions.get(id)
        if (entry !== undefined) this.#receive(entry, datagram, from, now)
        else this.#receiveKeying(id, datagram, from, now)
      }
      this.#relieve()
    } finally {
      this.#isBusy = false
    }
  }

  /** Ends whoever takes most, until all together take no more than they may, and forgets those that have lingered longest. */
  #relieve(): void {
    while (this.#sessions.total - this.#sessions.size > this.#limits.maxLingering)
      this.#sessions.oldestLingering?.session.destroy()
    while (this.#received.isExceeded) if (!this.#endHungriest(session => session.receivedBytes)) return
    while (this.#queued.isExceeded) if (!this.#endHungriest(session => session.queuedBytes)) return
  }

  #endHungriest(taken: (session: Session) => number): boolean {
    let hungriest: Session | undefined
    for (const { session } of this.#sessions.all())
      if (hungriest === undefined || taken(session) > taken(hungriest)) hungriest = session
    if (hungriest === undefined || taken(hungriest) === 0) return false
    hungriest.breakOff('too much memory')
    return true
  }

  #receive(entry: SessionEntry, datagram: Buffer, from: Endpoint, now: number): void {
    if (!entry.session.receive(datagram, from, now) && !isProven(entry)) {
      entry.broken += 1
      if (entry.broken >= MOST_BROKEN) entry.session.destroy()
    }
    this.#sessions.update(entry)
  }

  /** Whoever has opened a session has the keys of the certificate that it has shown: from now on there is one. */
  #proven(entry: SessionEntry): void {
    this.#sessions.proven(entry)
    if (!this.#completes(entry.session)) this.onSession(entry.session)
  }

  #receiveKeying(id: number, datagram: Buffer, from: Endpoint, now: number): void {
    const initiator = this.#keying.get(id)
    if (initiator === undefined) return
    const isStartup = this.#packets.read(datagram, (type, chunk) => {
      if (type === ChunkType.ResponderInitialKeying) initiator.takeKeying(readResponderKeying(chunk), id, now)
      else if (type === ChunkType.CookieChange) initiator.takeCookieChange(readCookieChange(chunk), id, now)
    })
    if (!isStartup) initiator.keep(datagram, from, id)
    this.#opening.set(initiator, initiator.deadline)
  }

  /** A chunk of a packet that belongs to no session. */
  #take(type: number, chunk: ByteReader, size: number, from: Endpoint, now: number): void {
    if (type === ChunkType.InitiatorHello || type === ChunkType.InitiatorInitialKeying) {
      // One of each packet: its answer is measured by the packet.
      if (!this.#isAnswering || this.#hasAsked) return
      this.#hasAsked = true
      if (type === ChunkType.InitiatorHello) this.#responder.takeHello(readInitiatorHello(chunk), from, size, now)
      else this.#responder.takeKeying(readInitiatorKeying(chunk), from, now)
    } else if (type === ChunkType.ResponderHello) {
      const hello = readResponderHello(chunk)
      this.#eachInitiator(initiator => initiator.takeHello(hello, from, now))
    } else if (type === ChunkType.Redirect) {
      const redirect = readRedirect(chunk)
      this.#eachInitiator(initiator => initiator.takeRedirect(redirect, from, now))
    } else if (type === ChunkType.PacketFragment) {
      const whole = this.#fragments.add(readPacketFragment(chunk), size, from, now)
      if (whole === undefined) return
      StartupPackets.readPlain(new ByteReader(whole.packet), (inner, payload) => {
        // A fragment of a fragment is none.
        if (inner !== ChunkType.PacketFragment) this.#take(inner, payload, whole.size, from, now)
      })
    }
  }

  #eachInitiator(take: (initiator: Initiator) => void): void {
    for (const initiator of this.#initiators.keys()) {
      take(initiator)
      this.#opening.set(initiator, initiator.deadline)
    }
  }

  tick(now: number): void {
    this.#now = now
    this.#isBusy = true
    this.#sends = 0
    try {
      for (let next = this.#opening.next; next !== undefined && next.dueAt <= now; next = this.#opening.next) {
        next.tick(now)
        this.#opening.set(next, next.deadline)
      }
      // Not more often than there are sessions: what is due again at once has its turn after what has come in.
      for (let turns = this.#sessions.total; turns > 0 && this.#sends < MOST_SENDS; turns -= 1) {
        const { next } = this.#sessions
        if (next === undefined || next.dueAt > now) break
        if (now < next.provenBy) next.session.tick(now)
        else next.session.destroy()
        this.#sessions.update(next)
      }
      this.#relieve()
    } finally {
      this.#isBusy = false
    }
  }

  open(target: Target, now: number, done: Done): Opening {
    if (this.#isStopped) {
      done(stopped(), undefined)
      return { isRedirected: false, abort() {} }
    }
    const initiator = new Initiator(target, this.#initiatorHost, this.#limits, now)
    this.#initiators.set(initiator, done)
    this.#opening.set(initiator, initiator.deadline)
    this.#announce()
    return initiator
  }

  stop(): void {
    this.#isStopped = true
    for (const initiator of this.#initiators.keys()) {
      initiator.fail(stopped())
      this.#opening.delete(initiator)
    }
    // Nobody has been told of them.
    for (const entry of this.#sessions.all()) if (!isProven(entry)) entry.session.destroy()
  }

  destroy(): void {
    this.#isBusy = true
    this.stop()
    for (const { session } of this.#sessions.all()) session.destroy()
    this.#isBusy = false
  }

  #send(datagram: Buffer, to: Endpoint): void {
    this.#sends += 1
    this.#host.send(datagram, to)
  }

  get #isAnswering(): boolean {
    return this.answers && !this.#isStopped
  }

  /** Whoever calls `receive` and `tick` looks at the deadline afterwards. */
  #announce(): void {
    if (!this.#isBusy) this.#host.deadlineChanged()
  }

  #makeResponderHost(requiresHmac: boolean): ResponderHost {
    return {
      requiresHmac,
      identity: () => this.#identity,
      packets: this.#packets,
      randomBytes: length => this.#host.randomBytes(length),
      introduce: (...question) => this.#introducer.introduce(...question),
      sessionAt: from => this.#sessions.at(from),
      endStale: from => this.#sessions.at(from)?.session.destroy(),
      hasRoomFor: ({ address }) =>
        this.#sessions.size < this.#limits.maxSessions + this.expected &&
        this.#sessions.countAt(address) < this.#limits.maxSessionsPerAddress + this.expected,
      keepsOwn: (from, certificate) =>
        [...this.#initiators.keys()].some(initiator => initiator.comesBefore(from, certificate)),
      newSessionId: () => this.#newSessionId(),
      accept: (accepted, now) => {
        const { answered, sessionId } = accepted
        const session = { ...accepted, isInitiator: false, identity: this.#identity, introduces: false }
        this.#addSession(sessionId, now, answered, session)
      },
    }
  }

  /** Somebody has opened a session that we were about to open: true when that is it. */
  #completes(session: Session): boolean {
    const same = [...this.#initiators.keys()].filter(initiator => initiator.isKeyingWith(session.farId))
    for (const initiator of same) {
      initiator.superseded()
      this.#finish(initiator, undefined, session)
    }
    return same.length > 0
  }

  #makeInitiatorHost(requiresHmac: boolean): InitiatorHost {
    return {
      requiresHmac,
      identity: () => this.#identity,
      oldIdentity: () => this.#oldPair && Identity.static([this.#oldPair]),
      packets: this.#packets,
      randomBytes: length => this.#host.randomBytes(length),
      register: initiator => {
        const id = this.#newSessionId()
        this.#keying.set(id, initiator)
        return id
      },
      release: id => this.#keying.delete(id),
      joins: (initiator, farId) => this.#joins(initiator, farId),
      opened: (initiator, opened, now) => this.#opened(initiator, opened, now),
      failed: (initiator, error) => this.#finish(initiator, error, undefined),
      aborted: initiator => this.#forget(initiator),
    }
  }

  #joins(initiator: Initiator, farId: Buffer): boolean {
    const open = this.#sessions.withPeer(farId)
    if (open !== undefined) {
      initiator.superseded()
      this.#finish(initiator, undefined, open.session)
      return true
    }
    for (const other of this.#initiators.keys()) {
      if (other === initiator || !other.isKeyingWith(farId)) continue
      // It goes on asking, for the case that the other one is given up.
      this.#joined.set(initiator, other)
      return true
    }
    this.#joined.delete(initiator)
    return false
  }

  #opened(initiator: Initiator, opened: Opened, now: number): void {
    const { sessionId, early, identity } = opened
    this.#keying.delete(sessionId)
    // From now on it is known as what the far end takes it for.
    this.#identity = identity
    const entry = this.#addSession(sessionId, now, undefined, {
      ...opened,
      isInitiator: true,
      introduces: initiator.wantsServer,
    })
    entry.session.greet()
    this.#finish(initiator, undefined, entry.session)
    for (const { datagram, from } of early) entry.session.receive(datagram, from, now)
    this.#sessions.update(entry)
  }

  #finish(initiator: Initiator, error: Error | undefined, session: Session | undefined): void {
    const done = this.#initiators.get(initiator)
    const joined = session === undefined ? [] : [...this.#joined].filter(([, other]) => other === initiator)
    this.#forget(initiator)
    done?.(error, session)
    for (const [other] of joined) {
      other.superseded()
      this.#finish(other, undefined, session)
    }
  }

  #forget(initiator: Initiator): void {
    this.#initiators.delete(initiator)
    this.#opening.delete(initiator)
    this.#joined.delete(initiator)
  }

  #newSessionId(): number {
    for (;;) {
      const id = this.#host.randomBytes(4).readUInt32BE()
      if (id !== 0 && this.#sessions.get(id) === undefined && !this.#keying.has(id)) return id
    }
  }

  #addSession(
    id: number,
    now: number,
    answered: Answered | undefined,
    opened: {
      readonly isInitiator: boolean
      readonly farId: Buffer
      readonly identity: Identity
      readonly farSessionId: number
      readonly keys: SessionKeys
      readonly remote: Endpoint
      readonly roundTrip: number | undefined
      /** Who the far end is has been said by us: it may tell us who asks for us (RFC 7016 §3.5.1.6). */
      readonly introduces: boolean
    },
  ): SessionEntry {
    const { isInitiator, farId, identity, farSessionId, keys, remote, roundTrip, introduces } = opened
    this.#onKeys?.({ isInitiator, sessionId: id, farSessionId, remote, keys })
    // Whoever does not answer the end of its sessions takes nobody's place.
    if (this.#sessions.total >= this.#limits.maxSessions + this.expected)
      this.#sessions.oldestLingering?.session.destroy()
    let entry: SessionEntry | undefined
    const host: SessionHost = {
      send: (datagram, to) => this.#send(datagram, to),
      deadlineChanged: () => {
        if (entry === undefined) return
        this.#sessions.update(entry)
        this.#announce()
      },
      closed: () => {
        if (entry !== undefined) this.#sessions.delete(entry)
      },
      proven: () => {
        if (entry !== undefined) this.#proven(entry)
      },
      forwardedHello: ({ remote }, hello) => {
        if (introduces && this.#isAnswering) this.#responder.takeForwarded(hello, remote, this.#now)
      },
    }
    const session = new Session(
      {
        isInitiator,
        farId,
        nearId: identity.certificate.fingerprint,
        farSessionId,
        keys,
        remote,
        secret: this.#host.randomBytes(SECRET),
        traffic: this.#traffic,
        received: this.#received,
        queued: this.#queued,
        roundTrip,
        limits: this.#limits,
        now,
      },
      host,
    )
    entry = this.#sessions.add(session, id, answered, now)
    this.#sessions.update(entry)
    return entry
  }
}

function stopped(): StartupError {
  return new StartupError('RTMP_ERR_RTMFP_CLOSED', 'the RTMFP endpoint opens no more sessions: it is closing')
}
