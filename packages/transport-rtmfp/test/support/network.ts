import type { EndpointHost } from '../../src/contract/endpoint.ts'
import type { OpenSession } from '../../src/contract/session.ts'
import { PacketSealer } from '../../src/crypto/packet-cipher.ts'
import { type EndpointOptions, type OpenedKeys, RtmfpEndpoint } from '../../src/endpoint.ts'
import type { Endpoint } from '../../src/wire/address.ts'
import { Mode, writeHeader } from '../../src/wire/packet.ts'
import { writePing } from '../../src/wire/session-chunks.ts'
import { seeded } from './random.ts'
import { Simulation } from './simulation.ts'

/** A datagram on its way. */
export interface Sent {
  readonly datagram: Buffer
  readonly from: Endpoint
  readonly to: Endpoint
  readonly at: number
}

/** Endpoints that reach one another on a clock of their own. */
export class Network {
  readonly simulation = new Simulation()
  readonly sent: Sent[] = []
  /** Milliseconds that each datagram takes. */
  delay = 5
  /** False loses it. */
  passes: (sent: Sent) => boolean = () => true
  readonly #places = new Map<string, (datagram: Buffer, from: Endpoint, now: number) => void>()
  readonly #random: () => number

  constructor(seed = 1) {
    this.#random = seeded(seed)
  }

  get now(): number {
    return this.simulation.now
  }

  randomBytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => Math.floor(this.#random() * 256)))
  }

  endpoint(at: Endpoint, options: Partial<EndpointOptions> = {}, host: Partial<EndpointHost> = {}): RtmfpEndpoint {
    const endpoint = new RtmfpEndpoint(
      {
        send: (datagram, to) => this.send(datagram, at, to),
        randomBytes: length => this.randomBytes(length),
        deadlineChanged() {},
        ...host,
      },
      { certificate: 'ephemeral', ...options },
      this.now,
    )
    this.simulation.add(endpoint)
    this.attach(at, (datagram, from, now) => endpoint.receive(datagram, from, now))
    return endpoint
  }

  attach({ address, port }: Endpoint, take: (datagram: Buffer, from: Endpoint, now: number) => void): void {
    this.#places.set(`${address} ${port}`, take)
  }

  send(datagram: Buffer, from: Endpoint, to: Endpoint): void {
    const sent = { datagram, from, to, at: this.now }
    this.sent.push(sent)
    if (!this.passes(sent)) return
    this.simulation.at(this.now + this.delay, now =>
      this.#places.get(`${to.address} ${to.port}`)?.(Buffer.from(datagram), from, now),
    )
  }

  /** Lets time go by; until what is on its way when `isDone` has arrived, too. */
  wait(milliseconds: number, isDone?: () => boolean): void {
    this.simulation.run(this.now + milliseconds, isDone)
    if (isDone?.() === true) this.simulation.run(this.now + this.delay + 1)
  }
}

/** What came of {@link RtmfpEndpoint.open}. */
export interface Outcome {
  error?: Error | undefined
  session?: OpenSession | undefined
  at?: number
  abort(): void
}

export function open(
  network: Network,
  endpoint: RtmfpEndpoint,
  candidates: readonly Endpoint[],
  target: { url?: string; peerId?: Buffer } = { url: 'rtmfp://server.example/live' },
): Outcome {
  const outcome: Outcome = { abort: () => opening.abort() }
  const opening = endpoint.open({ ...target, candidates }, network.now, (error, session) => {
    Object.assign(outcome, { error, session, at: network.now })
  })
  return outcome
}

/** The far end of a session that an endpoint was asked for sends the first packet in it. */
export function prove(network: Network, { keys, sessionId, remote }: OpenedKeys, to: Endpoint): void {
  const sealer = new PacketSealer(keys.receiving)
  const writer = sealer.begin(100)
  writeHeader(writer, { mode: Mode.Initiator })
  writePing(writer, Buffer.alloc(0))
  network.send(sealer.seal(sessionId, writer), remote, to)
  network.wait(network.delay + 1)
}

/** Sends a message over a new flow each way, and says what arrived. */
export function exchange(network: Network, left: OpenSession, right: OpenSession): string[] {
  const arrived: string[] = []
  for (const [name, session] of [
    ['left', left],
    ['right', right],
  ] as const)
    session.onFlow = flow => {
      flow.onMessage = message => arrived.push(`${name}: ${String(message)}`)
      return true
    }
  for (const [session, text] of [
    [left, 'from left'],
    [right, 'from right'],
  ] as const)
    session.openFlow({ metadata: Buffer.from('m'), priority: 4 }).write([Buffer.from(text)])
  network.wait(1_000)
  return arrived.toSorted()
}
