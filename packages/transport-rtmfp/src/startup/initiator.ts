import type { Opening, Target } from '../contract/endpoint.ts'
import { type Certificate, compareCertificates, parseCertificate } from '../crypto/certificate.ts'
import {
  discriminatorOfPeer,
  discriminatorOfUrl,
  type EndpointDiscriminator,
  parseDiscriminator,
  selects,
} from '../crypto/endpoint-discriminator.ts'
import type { Group, KeyPair } from '../crypto/diffie-hellman.ts'
import {
  agree,
  ephemeralInitiatorKeying,
  hasRandomness,
  HMAC_LENGTH,
  isProtected,
  type KeyingComponent,
  parseKeying,
  requiredProtection,
  type SessionKeys,
  staticInitiatorKeying,
  type WantedProtection,
} from '../crypto/keying.ts'
import type { Due } from '../deadline-queue.ts'
import type { EndpointLimits } from '../limits.ts'
import { isSameEndpoint } from '../session/mobility.ts'
import type { Endpoint } from '../wire/address.ts'
import { writeFiller } from '../wire/packet.ts'
import {
  type CookieChange,
  type Redirect,
  type ResponderHello,
  type ResponderInitialKeying,
  writeInitiatorHello,
  writeInitiatorKeying,
} from '../wire/startup-chunks.ts'
import type { Identity } from './identity.ts'
import { isReachable } from './reachable.ts'
import { StartupError } from './startup-error.ts'
import type { StartupPackets } from './startup-packets.ts'

const TAG = 16
const RANDOMNESS = 64
/**
 * Bytes of a question to a peer, at least. Its certificate has keys, which makes the answer long; and an answer may not be more
 * than three times as long as its question.
 */
const LONG_QUESTION = 256
const SIGNATURE: Buffer = Buffer.from('X')
/** Before something is sent again, milliseconds; longer by the second each time (RFC 7016 §3.5.1.1.1). */
const FIRST_INTERVAL = 1_000
const LONGER = 1_500
/** Of repeated questions for a peer, milliseconds. */
const SPREAD = 500
/** Keyings without an answer after which another kind of far end is thought of. */
const PATIENCE = 3
/** The only group of some old implementations, whatever they say. */
const OLD_GROUP = 2
/** Packets kept that come before the answer which opens the session. */
const MOST_EARLY = 18

const ask = { sends: false, sendsOnRequest: true, requests: true }
const offer = { sends: false, sendsOnRequest: true, requests: false }
const wanted: WantedProtection = { hmac: ask, hmacLength: HMAC_LENGTH, sequence: ask }
/** As Flash Player does: some take what is asked for as agreed, and do not do it. */
const wantedOfOld: WantedProtection = { hmac: offer, hmacLength: HMAC_LENGTH, sequence: offer }

export interface InitiatorHost {
  /** Sessions without HMAC and numbers, either way, are not opened. */
  readonly requiresHmac: boolean
  identity(): Identity
  /** What Flash Player would be, one static key of group 2 and nothing else; undefined where we are not to be that. */
  oldIdentity(): Identity | undefined
  readonly packets: StartupPackets
  randomBytes(length: number): Buffer
  /** An id for packets to this one; {@link release} frees it. */
  register(initiator: Initiator): number
  release(sessionId: number): void
  /** True when there is a session with that end, or another is about to open: that one is taken instead. */
  joins(initiator: Initiator, farId: Buffer): boolean
  opened(initiator: Initiator, opened: Opened, now: number): void
  failed(initiator: Initiator, error: Error): void
  aborted(initiator: Initiator): void
}

/** A session that was opened. */
export interface Opened {
  readonly sessionId: number
  readonly farSessionId: number
  readonly farId: Buffer
  readonly identity: Identity
  readonly keys: SessionKeys
  readonly remote: Endpoint
  /** Milliseconds that the answer to our keys took, if that is known. */
  readonly roundTrip: number | undefined
  readonly early: readonly { readonly datagram: Buffer; readonly from: Endpoint }[]
}

interface Candidate {
  readonly endpoint: Endpoint
  nextAt: number
  interval: number
}

/** A key agreement that was begun. */
interface Attempt {
  readonly sessionId: number
  readonly identity: Identity
  readonly certificate: Certificate
  readonly pair: KeyPair
  readonly component: KeyingComponent
  readonly remote: Endpoint
  cookie: Buffer
  isCookieChanged: boolean
  /** How many keyings were sent, and when the last one. */
  sent: number
  sentAt: number
  readonly early: { readonly datagram: Buffer; readonly from: Endpoint }[]
}

/** The end that asks (RFC 7016 §3.5.1.1.1). */
export class Initiator implements Opening, Due {
  dueAt: number = Number.POSITIVE_INFINITY
  queueIndex = -1
  readonly #host: InitiatorHost
  readonly #limits: EndpointLimits
  readonly #discriminator: Buffer
  readonly #wanted: EndpointDiscriminator
  readonly #expiresAt: number
  readonly #candidates: Candidate[] = []
  #identity: Identity
  /** As the oldest kind of initiator. */
  #isOld = false
  #tag: Buffer
  #attempt: Attempt | undefined
  /** The one before the far end was thought to be old: it may have been only the line. */
  #earlier: Attempt | undefined
  #isRedirected = false
  #keyings = 0
  #nextAt = Number.POSITIVE_INFINITY
  #interval = FIRST_INTERVAL
  #isOver = false

  constructor(target: Target, host: InitiatorHost, limits: EndpointLimits, now: number) {
    this.#host = host
    this.#limits = limits
    this.#identity = host.identity()
    this.#discriminator =
      target.peerId === undefined ? discriminatorOfUrl(target.url ?? '') : discriminatorOfPeer(target.peerId)
    this.#wanted = parseDiscriminator(this.#discriminator)
    this.#tag = host.randomBytes(TAG)
    this.#expiresAt = now + limits.openTimeout
    for (const endpoint of target.candidates) this.#add(endpoint, now)
  }

  /** It is a server that is meant, whom we have chosen ourselves; not one of its clients. */
  get wantsServer(): boolean {
    return this.#wanted.fingerprint === undefined
  }

  get isRedirected(): boolean {
    return this.#isRedirected
  }

  get deadline(): number {
    if (this.#isOver) return Number.POSITIVE_INFINITY
    let deadline = Math.min(this.#expiresAt, this.#nextAt)
    if (this.#attempt === undefined) for (const { nextAt } of this.#candidates) deadline = Math.min(deadline, nextAt)
    return deadline
  }

  tick(now: number): void {
    if (this.#isOver) return
    if (now >= this.#expiresAt) this.#fail(this.#silence())
    else if (this.#attempt !== undefined) this.#tickKeying(this.#attempt, now)
    else for (const candidate of this.#candidates) if (now >= candidate.nextAt) this.#sayHello(candidate, now)
  }

  abort(): void {
    this.#end()
    this.#host.aborted(this)
  }

  /** Gives up, and says so. */
  fail(error: Error): void {
    this.#fail(error)
  }

  /** Somebody else has opened the session that was wanted. */
  superseded(): void {
    this.#end()
  }

  /** Answers that a hello of ours was heard by whom we mean. @throws WireError for what is no certificate */
  takeHello(hello: ResponderHello, from: Endpoint, now: number): void {
    if (this.#isOver || this.#attempt !== undefined || !hello.tag.equals(this.#tag)) return
    const certificate = parseCertificate(Buffer.from(hello.certificate))
    if (!selects(this.#wanted, certificate)) return
    if (this.#host.joins(this, certificate.fingerprint)) return
    const group = this.#identity.commonGroup(certificate)
    if (group === undefined) {
      this.#fail(
        new StartupError(
          'RTMP_ERR_RTMFP_GROUPS',
          `${textOf(from)} offers no Diffie-Hellman group of ours (${this.#identity.groups.join(', ')})`,
        ),
      )
      return
    }
    this.#begin(this.#identity, certificate, group, Buffer.from(hello.cookie), from)
    this.#interval = FIRST_INTERVAL
    this.#keyings = 0
    this.#nextAt = now
    this.tick(now)
  }

  /** Somebody says where to ask instead. */
  takeRedirect({ tag, destinations }: Redirect, from: Endpoint, now: number): void {
    if (this.#isOver || this.#attempt !== undefined || !tag.equals(this.#tag)) return
    this.#isRedirected = true
    if (destinations.length === 0) this.#add(from, now)
    for (const { address, port } of destinations)
      if (isReachable({ address, port }, from)) this.#add({ address, port }, now)
    this.tick(now)
  }

  /** The cookie was another address's. */
  takeCookieChange({ before, after }: CookieChange, sessionId: number, now: number): void {
    const attempt = this.#attemptOf(sessionId)
    if (attempt === undefined || attempt.isCookieChanged || !before.equals(attempt.cookie)) return
    attempt.isCookieChanged = true
    attempt.cookie = Buffer.from(after)
    this.#sendKeying(attempt, now)
  }

  /** The answer that opens the session. @throws WireError for what is none */
  takeKeying(keying: ResponderInitialKeying, sessionId: number, now: number): void {
    const attempt = this.#attemptOf(sessionId)
    if (attempt === undefined || keying.sessionId === 0) return
    const { certificate, pair, component, identity, remote, early } = attempt
    const far = { certificate, component: parseKeying(Buffer.from(keying.keyingComponent)) }
    if (certificate.staticKeys.size > 0 && !hasRandomness(far.component.bytes)) return
    const keys = agree(pair, component, far)
    if (keys === undefined) return
    if (this.#host.requiresHmac && !isProtected(keys)) {
      const reason = `${textOf(remote)} does not authenticate and number its packets, which \`requireHmac\` wants`
      this.#fail(new StartupError('RTMP_ERR_RTMFP_UNPROTECTED', reason))
      return
    }
    this.#end(sessionId)
    const farId = certificate.fingerprint
    const { sessionId: farSessionId } = keying
    // Which one was answered is not known where several were asked.
    const roundTrip = attempt.sent === 1 ? now - attempt.sentAt : undefined
    this.#host.opened(this, { sessionId, farSessionId, farId, identity, keys, remote, roundTrip, early }, now)
  }

  /** A packet that nothing is known of yet: it may belong to the session that is about to open. */
  keep(datagram: Buffer, from: Endpoint, sessionId: number): void {
    const early = this.#attemptOf(sessionId)?.early
    if (early !== undefined && early.length < MOST_EARLY) early.push({ datagram: Buffer.from(datagram), from })
  }

  /** True when a session is being opened with that address, and ours comes before theirs (RFC 7425 §4.3.6). */
  comesBefore(from: Endpoint, certificate: Certificate): boolean {
    const attempt = this.#attempt
    if (attempt === undefined || !isSameEndpoint(attempt.remote, from)) return false
    return compareCertificates(attempt.identity.certificate, certificate) <= 0
  }

  /** True of the end whose keys are being agreed upon. */
  isKeyingWith(farId: Buffer): boolean {
    return this.#attempt?.certificate.fingerprint.equals(farId) ?? false
  }

  #attemptOf(sessionId: number): Attempt | undefined {
    if (this.#isOver) return undefined
    return [this.#attempt, this.#earlier].find(attempt => attempt?.sessionId === sessionId)
  }

  #add(endpoint: Endpoint, now: number): void {
    if (this.#candidates.length >= this.#limits.maxCandidates) return
    if (this.#candidates.some(each => isSameEndpoint(each.endpoint, endpoint))) return
    this.#candidates.push({ endpoint, nextAt: now, interval: FIRST_INTERVAL })
  }

  #sayHello(candidate: Candidate, now: number): void {
    const hello = { endpointDiscriminator: this.#discriminator, tag: this.#tag }
    candidate.nextAt = now + candidate.interval
    candidate.interval += LONGER
    // Many may have begun at once to ask for the same peer.
    if (!this.wantsServer) candidate.nextAt += this.#host.randomBytes(2).readUInt16BE() % SPREAD
    this.#host.packets.send(candidate.endpoint, 0, now, writer => {
      writeInitiatorHello(writer, hello)
      if (this.#wanted.fingerprint !== undefined) writeFiller(writer, LONG_QUESTION - writer.position)
    })
  }

  #begin(identity: Identity, certificate: Certificate, group: Group, cookie: Buffer, remote: Endpoint): void {
    const pair = identity.pair(group)
    if (pair === undefined) return
    const protection = this.#host.requiresHmac ? requiredProtection : this.#isOld ? wantedOfOld : wanted
    const component = parseKeying(
      identity.isStatic
        ? staticInitiatorKeying(group, protection, this.#host.randomBytes(RANDOMNESS))
        : ephemeralInitiatorKeying(pair, protection),
    )
    const sessionId = this.#host.register(this)
    this.#attempt = {
      sessionId,
      identity,
      certificate,
      pair,
      component,
      remote,
      cookie,
      isCookieChanged: false,
      sent: 0,
      sentAt: 0,
      early: [],
    }
  }

  #tickKeying(attempt: Attempt, now: number): void {
    if (now < this.#nextAt) return
    const old = this.#keyings >= PATIENCE && this.#mayBeOld(attempt) ? this.#host.oldIdentity() : undefined
    if (old !== undefined) {
      this.#beginAgain(attempt, old, now)
      return
    }
    this.#keyings += 1
    this.#nextAt = now + this.#interval
    this.#interval += LONGER
    this.#sendKeying(attempt, now)
    if (this.#keyings > 1 && this.#earlier !== undefined) this.#sendKeying(this.#earlier, now)
  }

  #mayBeOld({ certificate }: Attempt): boolean {
    if (this.#isOld || this.#host.requiresHmac) return false
    return certificate.ephemeralGroups.includes(OLD_GROUP) || certificate.staticKeys.has(OLD_GROUP)
  }

  /** As the oldest kind of initiator, from the start: what is remembered of the first one is not answered any more. */
  #beginAgain(attempt: Attempt, old: Identity, now: number): void {
    this.#isOld = true
    this.#earlier = attempt
    this.#attempt = undefined
    this.#identity = old
    this.#tag = this.#host.randomBytes(TAG)
    this.#nextAt = Number.POSITIVE_INFINITY
    for (const candidate of this.#candidates) {
      candidate.nextAt = now
      candidate.interval = FIRST_INTERVAL
    }
    this.tick(now)
  }

  #sendKeying(attempt: Attempt, now: number): void {
    const { sessionId, cookie, identity, component, remote } = attempt
    attempt.sent += 1
    attempt.sentAt = now
    const certificate = identity.certificate.bytes
    const keying = { sessionId, cookie, certificate, keyingComponent: component.bytes, signature: SIGNATURE }
    this.#host.packets.send(remote, 0, now, writer => writeInitiatorKeying(writer, keying))
  }

  #silence(): StartupError {
    const seconds = Math.round(this.#limits.openTimeout / 1_000)
    const [first] = this.#candidates
    const attempt = this.#attempt ?? this.#earlier
    return new StartupError(
      'RTMP_ERR_RTMFP_NO_ANSWER',
      attempt === undefined
        ? `no answer over RTMFP from ${first === undefined ? 'anywhere' : textOf(first.endpoint)} in ${seconds} s: is it there, and does UDP get through?`
        : `${textOf(attempt.remote)} does not answer the key agreement over RTMFP within ${seconds} s: it is full, or wants other keys`,
    )
  }

  #fail(error: Error): void {
    if (this.#isOver) return
    this.#end()
    this.#host.failed(this, error)
  }

  /** @param kept id that a session goes on with */
  #end(kept?: number): void {
    if (this.#isOver) return
    this.#isOver = true
    for (const attempt of [this.#attempt, this.#earlier])
      if (attempt !== undefined && attempt.sessionId !== kept) this.#host.release(attempt.sessionId)
  }
}

function textOf({ address, port }: Endpoint): string {
  return `${address.includes(':') ? `[${address}]` : address}:${port}`
}
