import { type Certificate, parseCertificate, sha256 } from '../crypto/certificate.ts'
import { parseDiscriminator, selects } from '../crypto/endpoint-discriminator.ts'
import {
  agree,
  ephemeralResponderKeying,
  hasRandomness,
  HMAC_LENGTH,
  isProtected,
  type KeyingComponent,
  type Negotiation,
  parseKeying,
  requiredProtection,
  type SessionKeys,
  staticResponderKeying,
  type WantedProtection,
} from '../crypto/keying.ts'
import type { EndpointLimits } from '../limits.ts'
import type { Endpoint } from '../wire/address.ts'
import {
  type ForwardedInitiatorHello,
  type InitiatorHello,
  type InitiatorInitialKeying,
  writeCookieChange,
  writeResponderHello,
  writeResponderKeying,
} from '../wire/startup-chunks.ts'
import { isVisible } from './reachable.ts'
import { Cookies, cookieTime } from './cookie.ts'
import { briefCertificate, groupOf, type Identity } from './identity.ts'
import { SourceRate } from './source-rate.ts'
import type { StartupPackets } from './startup-packets.ts'
import { Unanswered } from './unanswered.ts'

/** What is sent for a question of one byte, at most: addresses can be forged. */
const AMPLIFICATION = 3
/** Bytes of what is repeated to an address that was told: others have 16. */
const MOST_TAG = 64
const SIGNATURE: Buffer = Buffer.from('X')

/** How a session was answered that far ends may ask for again. */
export interface Answered {
  /** What it was asked with: tells the same question from another one. */
  readonly question: string
  /** Undefined once the far end has shown that it has it. */
  answer: Buffer | undefined
}

/** A session that somebody has opened. */
export interface Accepted {
  readonly sessionId: number
  readonly farSessionId: number
  readonly farId: Buffer
  readonly keys: SessionKeys
  readonly remote: Endpoint
  /** Milliseconds from our answer to its question who is there until its keys came: a round trip, or more. */
  readonly roundTrip: number
  readonly answered: Answered
}

/** A session that is open already. */
export interface Known {
  readonly session: { readonly farId: Buffer }
  /** Undefined where we have asked for it. */
  readonly answered: Answered | undefined
}

export interface ResponderHost {
  /** Sessions without HMAC and numbers, either way, are not opened. */
  readonly requiresHmac: boolean
  identity(): Identity
  readonly packets: StartupPackets
  randomBytes(length: number): Buffer
  /** Somebody is meant who is not us. `size`: bytes of the question. */
  introduce(fingerprint: Buffer, hello: InitiatorHello, from: Endpoint, size: number, now: number): void
  /** The open session with that address. */
  sessionAt(from: Endpoint): Known | undefined
  /** The one there is over: its far end has begun again. */
  endStale(from: Endpoint): void
  hasRoomFor(from: Endpoint): boolean
  /** True when a session that we are opening with that address stays, and theirs is refused. */
  keepsOwn(from: Endpoint, certificate: Certificate): boolean
  /** An id for the packets of a new session. */
  newSessionId(): number
  accept(accepted: Accepted, now: number): void
}

/** The end that is asked (RFC 7016 §3.5.1.1.2). Keeps nothing of whoever has not shown that its address is its own. */
export class Responder {
  readonly #host: ResponderHost
  readonly #cookies: Cookies
  readonly #hellos: SourceRate
  readonly #keyings: SourceRate
  readonly #forwarded: SourceRate
  readonly #unanswered = new Unanswered()

  constructor(host: ResponderHost, limits: EndpointLimits, now: number) {
    this.#host = host
    this.#cookies = new Cookies(length => host.randomBytes(length), now)
    this.#hellos = new SourceRate(limits.hellosPerSource, limits.hellos)
    this.#keyings = new SourceRate(limits.keyingsPerSource, limits.keyings)
    this.#forwarded = new SourceRate(limits.introductionsPerSession, limits.introductions)
  }

  /**
   * Somebody asks who is there. @param size bytes of the question
   *
   * @throws WireError for what is none
   */
  takeHello(hello: InitiatorHello, from: Endpoint, size: number, now: number): void {
    const wanted = parseDiscriminator(hello.endpointDiscriminator)
    if (selects(wanted, this.#host.identity().certificate)) {
      if (this.#hellos.admits(from.address, now)) this.#sayHello(hello, from, now, size * AMPLIFICATION)
    } else if (wanted.fingerprint !== undefined) this.#host.introduce(wanted.fingerprint, hello, from, size, now)
  }

  /** Somebody asks who is there, by way of the server `teller`. @throws WireError for what is none */
  takeForwarded({ endpointDiscriminator, tag, reply }: ForwardedInitiatorHello, teller: Endpoint, now: number): void {
    if (tag.length > MOST_TAG || !isVisible(reply, teller)) return
    const { certificate } = this.#host.identity()
    if (!selects(parseDiscriminator(endpointDiscriminator), certificate)) return
    const { address, port } = reply
    const to = { address, port }
    if (!this.#forwarded.admits(teller.address, now) || !this.#unanswered.admits(to, now)) return
    this.#sayHello({ endpointDiscriminator, tag }, to, now)
  }

  /** @param most bytes of the answer; default no limit, for questions that came by somebody known */
  #sayHello({ tag }: InitiatorHello, to: Endpoint, now: number, most?: number): void {
    const { packets } = this.#host
    const identity = this.#host.identity()
    const cookie = this.#cookies.issue(to, now)
    const say = (certificate: Certificate): boolean =>
      packets.send(
        to,
        0,
        now,
        writer => writeResponderHello(writer, { tag, cookie, certificate: certificate.bytes }),
        most,
      )
    if (!say(identity.certificate) && identity.groups.includes(2) && !identity.isStatic) say(briefCertificate)
  }

  /** Somebody begins a session. @throws WireError for what is none */
  takeKeying(keying: InitiatorInitialKeying, from: Endpoint, now: number): void {
    const { packets } = this.#host
    const cookie = this.#cookies.check(keying.cookie, from, now)
    if (cookie === undefined || keying.sessionId === 0) return
    if (cookie === 'moved') {
      if (!this.#hellos.admits(from.address, now)) return
      const after = this.#cookies.issue(from, now)
      packets.send(from, keying.sessionId, now, writer => writeCookieChange(writer, { before: keying.cookie, after }))
      return
    }
    this.#unanswered.heard(from)
    const question = questionOf(keying)
    const answered = this.#host.sessionAt(from)?.answered
    if (answered?.question === question) {
      const { answer } = answered
      if (answer !== undefined && this.#hellos.admits(from.address, now)) packets.forward(answer, from)
      return
    }
    if (!this.#keyings.admits(from.address, now)) return
    this.#takeNew(keying, question, from, now)
  }

  #takeNew(keying: InitiatorInitialKeying, question: string, from: Endpoint, now: number): void {
    const host = this.#host
    const certificate = parseCertificate(keying.certificate)
    const farId = certificate.fingerprint
    const open = host.sessionAt(from)
    // Another end at the same address, or the late question of one that has answered ours.
    if (open !== undefined && (open.answered === undefined || !open.session.farId.equals(farId))) return
    if (open === undefined && !host.hasRoomFor(from)) return
    if (host.keepsOwn(from, certificate)) return
    const agreed = answerTo(host.identity(), certificate, parseKeying(keying.keyingComponent), host)
    if (agreed === undefined) return
    if (open !== undefined) host.endStale(from)
    const { keys, keyingComponent } = agreed
    const sessionId = host.newSessionId()
    const farSessionId = keying.sessionId
    const answer = host.packets.seal(farSessionId, now, writer =>
      writeResponderKeying(writer, { sessionId, keyingComponent, signature: SIGNATURE }),
    )
    if (answer === undefined) return
    const roundTrip = now - cookieTime(keying.cookie)
    const answered = { question, answer }
    host.accept({ sessionId, farSessionId, farId, keys, remote: from, roundTrip, answered }, now)
    host.packets.forward(answer, from)
  }
}

/** Our half of the key agreement; undefined where there can be none. */
function answerTo(
  identity: Identity,
  certificate: Certificate,
  component: KeyingComponent,
  { randomBytes, requiresHmac }: Pick<ResponderHost, 'randomBytes' | 'requiresHmac'>,
): { readonly keys: SessionKeys; readonly keyingComponent: Buffer } | undefined {
  const far = { certificate, component }
  if (certificate.staticKeys.size > 0 && !hasRandomness(component.bytes)) return undefined
  const group = groupOf(far)
  const pair = group === undefined ? undefined : identity.pair(group)
  if (pair === undefined) return undefined
  const wanted: WantedProtection = requiresHmac
    ? requiredProtection
    : {
        hmac: answeringNegotiation(component.hmac),
        hmacLength: HMAC_LENGTH,
        sequence: answeringNegotiation(component.sequence),
      }
  const keyingComponent = identity.isStatic
    ? staticResponderKeying(wanted, randomBytes(64))
    : ephemeralResponderKeying(pair, wanted)
  const keys = agree(pair, parseKeying(keyingComponent), far)
  if (keys === undefined || (requiresHmac && !isProtected(keys))) return undefined
  return { keys, keyingComponent }
}

/** Whoever neither sends nor wants it may not even know how to read that we could (seen of Flash Player). */
function answeringNegotiation({ sends, requests }: Negotiation): Negotiation {
  const isKnown = sends || requests
  return { sends: false, sendsOnRequest: isKnown, requests: isKnown }
}

function questionOf({ sessionId, certificate, keyingComponent }: InitiatorInitialKeying): string {
  const id = Buffer.alloc(4)
  id.writeUInt32BE(sessionId)
  return sha256(Buffer.concat([id, certificate, keyingComponent])).toString('latin1')
}
