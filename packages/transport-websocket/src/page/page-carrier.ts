import { WebSocketError } from '../errors.ts'
import type { Carrier, Receiver } from '../stream/carrier.ts'
import type { PageWebSocket } from './page-api.ts'

/** Bytes that the browser may hold which have not left yet. */
const most = 128 * 1024
/** Milliseconds between two looks at how many there are: no event tells. */
const interval = 4

/**
 * The WebSocket that every browser has. What comes is taken whether anybody reads it or not, so it says of itself that it does
 * not pace.
 */
export class PageCarrier implements Carrier {
  readonly #socket: PageWebSocket
  #receiver: Receiver | undefined

  /** @param socket must be open */
  constructor(socket: PageWebSocket) {
    this.#socket = socket
  }

  begin(receiver: Receiver): void {
    this.#receiver = receiver
    this.#socket.onmessage = ({ data }) => {
      if (data instanceof ArrayBuffer) receiver.message(new Uint8Array(data))
      else receiver.fail(textError())
    }
    this.#socket.onclose = ({ code, wasClean }) => this.#end(wasClean && isGoodbye(code) ? undefined : broken(code))
  }

  send(bytes: Uint8Array, done: (error?: Error | null) => void): void {
    // A socket that closes takes what it is given without a word.
    if (this.#socket.readyState !== this.#socket.OPEN) return done(broken(1006))
    this.#socket.send(bytes)
    this.#whenRoom(done)
  }

  pause(): void {}

  resume(): void {}

  close(code: number): void {
    this.#socket.close(code === 1000 ? code : ourCode(code))
  }

  /** A page can't cut a connection: it says goodbye, and does not wait for the answer. */
  terminate(): void {
    this.#socket.close()
    this.#end(broken(1006))
  }

  #end(error?: Error): void {
    this.#receiver?.closed(error)
    this.#receiver = undefined
    this.#socket.onmessage = this.#socket.onclose = null
  }

  #whenRoom(done: (error?: Error | null) => void): void {
    if (this.#socket.readyState !== this.#socket.OPEN) done(broken(1006))
    else if (this.#socket.bufferedAmount <= most) done()
    else setTimeout(() => this.#whenRoom(done), interval)
  }
}

/** Pages may close with 1000 and with 3000 to 4999: those of RFC 6455 §7.4.1 by 3000 more. */
export function ourCode(code: number): number {
  return code + 2_000
}

export function isGoodbye(code: number): boolean {
  return code === 1000 || code === 1001 || code === 1005
}

export function textError(): WebSocketError {
  return new WebSocketError('RTMP_ERR_WEBSOCKET_TEXT', 'the peer sent text, RTMP is binary', { closeCode: 1003 })
}

export function broken(code: number): WebSocketError {
  const message = code === 1006 ? 'the WebSocket broke off' : `the peer closed the WebSocket with code ${code}`
  return new WebSocketError('RTMP_ERR_WEBSOCKET_CLOSED', message)
}
