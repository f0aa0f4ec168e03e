import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type Spoken, wrongPortAnswer, WrongPortError } from '@rtmpipe/net'
import type { Accept, PeerAddress } from './connection.ts'
import type { HttpOfPort } from './http-of-port.ts'
import type { OnePortOptions } from './options.ts'
import type { Switches } from './switches.ts'
import type { Undecided } from './undecided.ts'

/** A connection that was accepted, and its peer. */
export interface Incoming {
  readonly stream: Duplex
  readonly remote: PeerAddress
}

/** Sends each connection where it belongs. */
export class Switchboard {
  readonly #switches: Switches
  readonly #undecided: Undecided
  readonly #accept: Accept
  readonly #onError: NonNullable<OnePortOptions['onError']>
  readonly #encrypt: ((incoming: Incoming) => void) | undefined
  readonly #http: HttpOfPort | undefined
  /** Those that speak RTMP itself. */
  readonly #open = new Set<Duplex>()
  #takesRtmp = true

  /** @param encrypt what takes those that begin with TLS, and gives them back by {@link Switchboard.take} */
  constructor(
    switches: Switches,
    undecided: Undecided,
    accept: Accept,
    onError: NonNullable<OnePortOptions['onError']>,
    encrypt: ((incoming: Incoming) => void) | undefined,
    http: HttpOfPort | undefined,
  ) {
    this.#switches = switches
    this.#undecided = undecided
    this.#accept = accept
    this.#onError = onError
    this.#encrypt = encrypt
    this.#http = http
  }

  /** Takes a connection, which may be inside TLS. */
  take(incoming: Incoming, secure: boolean): void {
    this.#undecided.wait(incoming.stream, (error, spoken) => {
      if (error !== undefined) this.#onError(error, incoming.remote)
      else this.#connect(incoming, spoken, secure)
    })
  }

  /** Those that speak RTMP itself are turned away. */
  stop(): void {
    this.#takesRtmp = false
  }

  /** Resolves when those that spoke RTMP itself have left. */
  async drained(): Promise<void> {
    await Promise.all([...this.#open].map(stream => new Promise(resolve => stream.once('close', resolve))))
  }

  #connect(incoming: Incoming, spoken: Spoken, secure: boolean): void {
    const { stream, remote } = incoming
    if ((spoken === 'rtmp' || spoken === 'rtmpe') && this.#switches.rtmp(secure)) {
      if (!this.#takesRtmp) return void stream.destroy()
      this.#open.add(stream)
      stream.once('close', () => this.#open.delete(stream))
      this.#accept({ stream, transport: secure ? 'rtmps' : 'rtmp', secure, remote })
    } else if (spoken === 'tls' && !secure && this.#encrypt !== undefined) this.#encrypt(incoming)
    else if (spoken === 'http' && this.#switches.http(secure) && this.#http !== undefined)
      this.#http.take(withRemote(stream as Socket, remote))
    else this.#refuse(incoming, spoken, secure)
  }

  #refuse({ stream, remote }: Incoming, spoken: Spoken, secure: boolean): void {
    this.#onError(new WrongPortError(spoken, String(this.#switches), secure), remote)
    if (spoken === 'http') stream.write(answer)
    stream.destroy()
  }
}

const answer = wrongPortAnswer('This port does not take HTTP.')

/** What a proxy has told of the client is known of the connection, but not of TLS inside of it. */
function withRemote(socket: Socket, { address, port }: PeerAddress): Socket {
  return Object.defineProperties(socket, {
    remoteAddress: { value: address, configurable: true },
    remotePort: { value: port, configurable: true },
  })
}
