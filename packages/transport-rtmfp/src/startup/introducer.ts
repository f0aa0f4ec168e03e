import type { Introduction } from '../contract/endpoint.ts'
import type { OpenSession } from '../contract/session.ts'
import type { EndpointLimits } from '../limits.ts'
import { type Address, AddressOrigin, type Endpoint } from '../wire/address.ts'
import type { ForwardedInitiatorHello, InitiatorHello } from '../wire/startup-chunks.ts'
import { writeRedirect } from '../wire/startup-chunks.ts'
import { isOwn, isReachable } from './reachable.ts'
import { SourceRate } from './source-rate.ts'
import type { StartupPackets } from './startup-packets.ts'

/** Addresses that one end may have reported of itself. */
const MOST_REPORTED = 16
/** Of the question, in bytes; what goes to the other end is the third part. */
const AMPLIFICATION = 2
/** Milliseconds that a decision may take: who asked has asked again by then, or given up. */
const PATIENCE = 15_000

/** An open session to an end that can be introduced. */
export interface Introducible extends OpenSession {
  forward(hello: ForwardedInitiatorHello): void
}

export interface IntroducerHost {
  readonly packets: StartupPackets
  sessionWith(fingerprint: Buffer): Introducible | undefined
  /** The one whose far end has shown that it has the keys. */
  sessionAt(from: Endpoint): OpenSession | undefined
  onIntroduce(
    wanted: OpenSession,
    asking: OpenSession,
    from: Endpoint,
  ): Promise<Introduction | undefined> | Introduction | undefined
  /** The time as far as it is known. */
  now(): number
}

/** What somebody has asked. */
interface Question {
  readonly wanted: Introducible
  readonly fingerprint: Buffer
  readonly hello: InitiatorHello
  readonly from: Endpoint
  /** Bytes of it. */
  readonly size: number
  readonly askedAt: number
}

/** Brings ends together that both know us (RFC 7016 §3.5.1.6). */
export class Introducer {
  readonly #host: IntroducerHost
  readonly #sessions: SourceRate
  readonly #sources: SourceRate
  readonly #most: number
  /** Those that are not decided, oldest first, by who asks for whom. */
  readonly #waiting = new Map<string, Question>()

  constructor(host: IntroducerHost, limits: EndpointLimits) {
    this.#host = host
    this.#sessions = new SourceRate(limits.introductionsPerSession, Number.POSITIVE_INFINITY, from => from)
    this.#sources = new SourceRate(limits.introductionsPerSource, limits.introductions)
    this.#most = limits.maxIntroductions
  }

  /**
   * Tells `from` where the end with that fingerprint is, and that end that it is asked for, if it may be.
   *
   * @param size bytes of the question
   */
  introduce(
    fingerprint: Buffer,
    { endpointDiscriminator, tag }: InitiatorHello,
    from: Endpoint,
    size: number,
    now: number,
  ): void {
    if (from.address.includes('%')) return
    // What comes of nothing is not counted: strangers could use up what others have.
    const asking = this.#host.sessionAt(from)
    const wanted = this.#host.sessionWith(fingerprint)
    if (asking === undefined || wanted === undefined) return
    const place = `${from.address} ${from.port}`
    if (!this.#sessions.admits(place, now) || !this.#sources.admits(from.address, now)) return
    this.#forget(now)
    const key = `${place} ${fingerprint.toString('latin1')}`
    // Questions are repeated while there is no answer.
    if (this.#waiting.has(key) || this.#waiting.size >= this.#most) return
    const decision = this.#host.onIntroduce(wanted, asking, from)
    if (decision === undefined) return
    // They lie in a datagram that is somebody else's soon.
    const hello = { endpointDiscriminator: Buffer.from(endpointDiscriminator), tag: Buffer.from(tag) }
    const question = { wanted, fingerprint: Buffer.from(fingerprint), hello, from, size, askedAt: now }
    if (!(decision instanceof Promise)) return this.#answer(question, decision, now)
    this.#waiting.set(key, question)
    const decided = (introduction?: Introduction): void => {
      if (this.#waiting.get(key) !== question) return
      this.#waiting.delete(key)
      const now = this.#host.now()
      const isThere = this.#host.sessionWith(question.fingerprint) === wanted
      if (introduction !== undefined && isThere && now - question.askedAt < PATIENCE)
        this.#answer(question, introduction, now)
    }
    decision.then(decided, () => decided())
  }

  #forget(now: number): void {
    for (const [key, { askedAt }] of this.#waiting) {
      if (now - askedAt < PATIENCE) return
      this.#waiting.delete(key)
    }
  }

  #answer({ wanted, hello, from, size }: Question, { reported }: Introduction, now: number): void {
    const { endpointDiscriminator, tag } = hello
    const { remote } = wanted
    const destinations: Address[] = [{ ...remote, origin: AddressOrigin.Observed }]
    for (const { address, port } of reported.slice(0, MOST_REPORTED))
      if (isOwn({ address, port }, remote) && isReachable({ address, port }, from))
        destinations.push({ address, port, origin: AddressOrigin.Reported })
    const most = size * AMPLIFICATION
    while (
      destinations.length > 0 &&
      !this.#host.packets.send(from, 0, now, writer => writeRedirect(writer, { tag, destinations }), most)
    )
      destinations.pop()
    if (destinations.length === 0) return
    wanted.forward({ endpointDiscriminator, tag, reply: { ...from, origin: AddressOrigin.Observed } })
  }
}
