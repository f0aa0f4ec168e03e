import type { ConnectionInfo } from '../contract/connection-info.ts'
import type { Traffic } from '../contract/traffic.ts'

/** Most codes that are told apart; errors of streams that plugins bring along may have any. */
const maxCodes = 100
/** For an error that has no code, and for codes beyond those. */
const otherCode = 'OTHER'

/**
 * Counts connections of one transport. Bytes are those of connections that are gone; those of the others are added when
 * somebody asks.
 */
export class TrafficCounts implements Traffic {
  readonly #transport: string
  readonly #connections: Iterable<ConnectionInfo>
  readonly #closed = new Map<string, number>()
  #accepted = 0
  #received = 0
  #sent = 0

  /** @param connections those of all transports that are there */
  constructor(transport: string, connections: Iterable<ConnectionInfo>) {
    this.#transport = transport
    this.#connections = connections
  }

  get accepted(): number {
    return this.#accepted
  }

  get received(): number {
    return this.#present.reduce((sum, { bytesReceived }) => sum + bytesReceived, this.#received)
  }

  get sent(): number {
    return this.#present.reduce((sum, { bytesSent }) => sum + bytesSent, this.#sent)
  }

  get closed(): ReadonlyMap<string, number> {
    return this.#closed
  }

  accept(): void {
    this.#accepted += 1
  }

  /** To be called when the connection is not among those that are there any more. */
  close({ bytesReceived, bytesSent }: ConnectionInfo, error: NodeJS.ErrnoException | undefined): void {
    this.#received += bytesReceived
    this.#sent += bytesSent
    const code = error === undefined ? '' : typeof error.code === 'string' ? error.code : otherCode
    const key = this.#closed.has(code) || this.#closed.size < maxCodes ? code : otherCode
    this.#closed.set(key, (this.#closed.get(key) ?? 0) + 1)
  }

  get #present(): ConnectionInfo[] {
    return [...this.#connections].filter(({ transport }) => transport === this.#transport)
  }
}

/** Counts the connections of a server, by their transports. */
export class TrafficByTransport {
  readonly #connections: Iterable<ConnectionInfo>
  readonly #counts = new Map<string, TrafficCounts>()

  constructor(connections: Iterable<ConnectionInfo>) {
    this.#connections = connections
  }

  /** By the names of transports: those that somebody has come by. */
  get counts(): ReadonlyMap<string, Traffic> {
    return this.#counts
  }

  /** Those of a transport. */
  of(transport: string): TrafficCounts {
    let counts = this.#counts.get(transport)
    if (counts === undefined) {
      counts = new TrafficCounts(transport, this.#connections)
      this.#counts.set(transport, counts)
    }
    return counts
  }
}
