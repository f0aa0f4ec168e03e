import type { OpenSession } from '../contract/session.ts'
import type { EndpointLimits } from '../limits.ts'
import { type Address, AddressOrigin, type Endpoint } from '../wire/address.ts'
import type { ForwardedInitiatorHello, InitiatorHello } from '../wire/startup-chunks.ts'
import { writeRedirect } from '../wire/startup-chunks.ts'
import { isReachable } from './reachable.ts'
import { SourceRate } from './source-rate.ts'
import type { StartupPackets } from './startup-packets.ts'

/** Addresses that one end may have reported of itself. */
const MOST_REPORTED = 16
/** Of the question, in bytes; what goes to the other end is the third part. */
const AMPLIFICATION = 2

/** An open session to an end that can be introduced. */
export interface Introducible extends OpenSession {
  forward(hello: ForwardedInitiatorHello): void
}

export interface IntroducerHost {
  readonly packets: StartupPackets
  sessionWith(fingerprint: Buffer): Introducible | undefined
  onIntroduce(wanted: OpenSession, asking: Endpoint): { readonly reported: readonly Endpoint[] } | undefined
}

/** Brings ends together that both know us (RFC 7016 §3.5.1.6). */
export class Introducer {
  readonly #host: IntroducerHost
  readonly #rate: SourceRate

  constructor(host: IntroducerHost, limits: EndpointLimits) {
    this.#host = host
    this.#rate = new SourceRate(limits.introductionsPerSource, limits.introductions)
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
    if (!this.#rate.admits(from.address, now)) return
    const wanted = this.#host.sessionWith(fingerprint)
    const allowed = wanted && this.#host.onIntroduce(wanted, from)
    if (wanted === undefined || allowed === undefined || from.address.includes('%')) return
    const { remote } = wanted
    const destinations: Address[] = [{ ...remote, origin: AddressOrigin.Observed }]
    for (const { address, port } of allowed.reported.slice(0, MOST_REPORTED))
      if (isReachable({ address, port }, from) && isReachable({ address, port }, remote))
        destinations.push({ address, port, origin: AddressOrigin.Reported })
    const most = size * AMPLIFICATION
    while (
      destinations.length > 0 &&
      !this.#host.packets.send(from, 0, now, writer => writeRedirect(writer, { tag, destinations }), most)
    )
      destinations.pop()
    if (destinations.length === 0) return
    wanted.forward({
      endpointDiscriminator: Buffer.from(endpointDiscriminator),
      tag: Buffer.from(tag),
      reply: { ...from, origin: AddressOrigin.Observed },
    })
  }
}
