import type { SessionKeys } from '../../src/crypto/keying.ts'
import type { PacketProtection } from '../../src/crypto/packet-cipher.ts'
import type { SessionLimits } from '../../src/session/limits.ts'
import { Session, type SessionHost } from '../../src/session/session.ts'
import type { Endpoint } from '../../src/wire/address.ts'
import { type Bottleneck, type LineQuality, LossyLink } from './lossy-link.ts'
import { seeded } from './random.ts'
import { Simulation } from './simulation.ts'

export const initiatorAddress: Endpoint = { address: '192.0.2.1', port: 5_000 }
export const responderAddress: Endpoint = { address: '192.0.2.2', port: 1_935 }

export interface PairOptions extends LineQuality {
  readonly seed?: number
  readonly limits?: Partial<SessionLimits>
  /** Without: checksums. Default true. */
  readonly isAuthenticated?: boolean
  /** From the initiator to the responder. */
  readonly bottleneck?: Bottleneck
  readonly simulation?: Simulation
}

/** Two open sessions with each other over a line, on a clock of their own. */
export interface Pair {
  readonly simulation: Simulation
  readonly initiator: Session
  readonly responder: Session
  readonly toResponder: LossyLink
  readonly toInitiator: LossyLink
  /** Where the initiator is now. */
  place: { address: Endpoint }
  /** Sees what is sent before the line does; false loses it. */
  onSend: (datagram: Buffer, to: Endpoint) => boolean
  readonly closed: Session[]
}

function protection(fill: number, isAuthenticated: boolean): PacketProtection {
  return {
    aesKey: Buffer.alloc(16, fill),
    isNumbered: true,
    ...(isAuthenticated && { hmac: { key: Buffer.alloc(32, fill), length: 10 } }),
  }
}

export function keysOf(isInitiator: boolean, isAuthenticated = true): SessionKeys {
  const [own, other] = isInitiator ? [1, 2] : [2, 1]
  return {
    sending: protection(own, isAuthenticated),
    receiving: protection(other, isAuthenticated),
    nearNonce: Buffer.alloc(32, own),
    farNonce: Buffer.alloc(32, other),
  }
}

export function sessionPair(options: PairOptions = {}): Pair {
  const { seed = 1, limits = {}, isAuthenticated = true, simulation = new Simulation() } = options
  const random = seeded(seed)
  const toResponder = new LossyLink(options, random, options.bottleneck)
  const toInitiator = new LossyLink(options, random)
  const place = { address: initiatorAddress }
  const closed: Session[] = []
  const host = (isInitiator: boolean): SessionHost => ({
    send(datagram, to) {
      if (!pair.onSend(datagram, to)) return
      const link = isInitiator ? toResponder : toInitiator
      const from = isInitiator ? place.address : responderAddress
      for (const at of link.arrivals(datagram.length, simulation.now))
        simulation.at(at, now => {
          if (!isInitiator && to.port !== place.address.port) return
          const session = isInitiator ? pair.responder : pair.initiator
          session.receive(Buffer.from(datagram), from, now)
        })
    },
    deadlineChanged() {},
    closed: session => closed.push(session),
    forwardedHello() {},
  })
  const session = (isInitiator: boolean): Session =>
    new Session(
      {
        isInitiator,
        farId: Buffer.alloc(32, isInitiator ? 2 : 1),
        nearId: Buffer.alloc(32, isInitiator ? 1 : 2),
        farSessionId: isInitiator ? 2 : 1,
        keys: keysOf(isInitiator, isAuthenticated),
        remote: isInitiator ? responderAddress : initiatorAddress,
        secret: Buffer.alloc(32, 7),
        limits,
        now: simulation.now,
      },
      host(isInitiator),
    )
  const pair: Pair = {
    simulation,
    initiator: session(true),
    responder: session(false),
    toResponder,
    toInitiator,
    place,
    onSend: () => true,
    closed,
  }
  simulation.add(pair.initiator)
  simulation.add(pair.responder)
  return pair
}
