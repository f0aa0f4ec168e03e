import { OnePortError } from './errors.ts'
import { type Protocol, protocols } from './options.ts'

/** Paths of the tunnel; every other is ordinary HTTP. */
const tunnelPath = /^\/(?:open|send|idle|idel|close|fcs)(?:\/|$|\?)/

/** What there is inside of TLS alone. */
const encrypted: readonly Protocol[] = ['rtmps', 'rtmpts', 'wss']

/** What a port takes. */
export class Switches {
  readonly #on: ReadonlySet<Protocol>
  readonly #hasTls: boolean

  /** @throws OnePortError `RTMP_ERR_ONE_PORT_OPTION` for what is no protocol, and for what needs TLS without it */
  constructor(given: readonly Protocol[] | undefined, hasTls: boolean) {
    const isPossible = (name: Protocol) => hasTls || !encrypted.includes(name)
    const on = given ?? protocols.filter(isPossible)
    for (const name of on) {
      if (!protocols.includes(name))
        throw wrong(`there is no protocol ${String(name)}: choose of ${protocols.join(', ')}`)
      if (!isPossible(name)) throw wrong(`${name} needs the option tls, with a certificate`)
    }
    if (on.length === 0) throw wrong('protocols is empty: the port would take nothing')
    this.#on = new Set(on)
    this.#hasTls = hasTls
  }

  /** URL schemes of what is taken, in the order in which people look for them. */
  get schemes(): readonly string[] {
    return protocols.filter(name => name !== 'http' && this.#on.has(name))
  }

  /** Whether TLS is of use for anything. */
  get tls(): boolean {
    return this.#hasTls && (this.#on.has('rtmps') || this.http(true))
  }

  /** RTMP itself, inside TLS or not. */
  rtmp(secure: boolean): boolean {
    return this.#on.has(secure ? 'rtmps' : 'rtmp')
  }

  /** Anything over HTTP, inside TLS or not. */
  http(secure: boolean): boolean {
    return this.#on.has('http') || this.tunnel(secure) || this.webSocket(secure)
  }

  /** The tunnel, inside TLS or not. */
  tunnel(secure: boolean): boolean {
    return this.#on.has(secure ? 'rtmpts' : 'rtmpt')
  }

  /** WebSockets, inside TLS or not. */
  webSocket(secure: boolean): boolean {
    return this.#on.has(secure ? 'wss' : 'ws')
  }

  /** Why a request is not answered, as a sentence; undefined if it is. */
  refusal(path: string, secure: boolean): string | undefined {
    if (!tunnelPath.test(path))
      return this.#on.has('http') ? undefined : 'This port tunnels RTMP and serves nothing else.'
    return this.tunnel(secure) ? undefined : `This port does not take ${secure ? 'RTMPTS' : 'RTMPT'}.`
  }

  /** True where some requests are refused and others are not. */
  get choosesAmongRequests(): boolean {
    const differs = (secure: boolean) => this.http(secure) && (!this.#on.has('http') || !this.tunnel(secure))
    return differs(false) || (this.#hasTls && differs(true))
  }

  /** For a sentence. */
  toString(): string {
    return [...this.#on].map(name => name.toUpperCase()).join(', ')
  }
}

function wrong(message: string): OnePortError {
  return new OnePortError('RTMP_ERR_ONE_PORT_OPTION', message)
}
