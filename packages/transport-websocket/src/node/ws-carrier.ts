import type { Writable } from 'node:stream'
import type { WebSocket } from 'ws'
import { WebSocketError } from '../errors.ts'
import type { Carrier, Receiver } from '../stream/carrier.ts'
import { frameOf } from './frame.ts'
import type { Beating } from './heartbeat.ts'

/** RFC 6455 §7.4.1: what can't be taken is refused with it. */
const UNSUPPORTED_DATA = 1003
/** Of those who say goodbye: the end of both directions, a page that is left, no code. */
const goodbyes: readonly number[] = [1000, 1001, 1005]

/** A WebSocket of `ws`, in either role. What was sent counts as sent when the operating system has it. */
export class WsCarrier implements Carrier, Beating {
  readonly #socket: WebSocket
  readonly #below: Writable | undefined
  #receiver: Receiver | undefined
  /** Something came or left since the last beat, or could not come as we do not read. */
  #hasMoved = true

  /**
   * @param socket must be open
   * @param below what a server sends its frames by, past `ws`: it would make a write of each head
   */
  constructor(socket: WebSocket, below?: Writable) {
    this.#socket = socket
    this.#below = below
  }

  begin(receiver: Receiver): void {
    this.#receiver = receiver
    this.#socket.on('message', (data, isBinary) => {
      this.#hasMoved = true
      if (isBinary) receiver.message(data as Buffer)
      else receiver.fail(textError())
    })
    this.#socket.on('ping', this.#moved).on('pong', this.#moved)
    this.#socket.on('error', error => receiver.fail(frameError(error)))
    this.#socket.on('close', code => receiver.closed(goodbyes.includes(code) ? undefined : brokenError(code)))
  }

  send(bytes: Uint8Array, done: (error?: Error | null) => void): void {
    const sent = (error?: Error | null): void => {
      this.#hasMoved = true
      done(error)
    }
    if (this.#below === undefined || this.#socket.readyState !== this.#socket.OPEN)
      this.#socket.send(bytes, { binary: true, compress: false }, sent)
    else this.#below.write(frameOf(bytes), sent)
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    if (!this.#socket.isPaused) return
    this.#hasMoved = true
    this.#socket.resume()
  }

  close(code: number): void {
    // The goodbye of the peer has to be read.
    this.#socket.resume()
    this.#socket.close(code)
  }

  terminate(): void {
    this.#socket.terminate()
  }

  beat(): void {
    if (!this.#hasMoved) return this.#receiver?.fail(deadError())
    this.#hasMoved = this.#socket.isPaused
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.ping(ignore)
  }

  readonly #moved = (): void => {
    this.#hasMoved = true
  }
}

function ignore(): void {}

function textError(): WebSocketError {
  return new WebSocketError('RTMP_ERR_WEBSOCKET_TEXT', 'the peer sent text, RTMP is binary', {
    closeCode: UNSUPPORTED_DATA,
  })
}

/** `ws` has sent the code that belongs to it already. */
function frameError(cause: Error): WebSocketError {
  const closeCode = (cause as { readonly code?: unknown }).code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' ? 1009 : 1002
  return new WebSocketError('RTMP_ERR_WEBSOCKET_FRAME', `the peer broke WebSocket's rules: ${cause.message}`, {
    cause,
    closeCode,
  })
}

function brokenError(code: number): WebSocketError {
  return new WebSocketError(
    'RTMP_ERR_WEBSOCKET_CLOSED',
    code === 1006 ? 'the WebSocket broke off' : `the peer closed the WebSocket with code ${code}`,
  )
}

function deadError(): WebSocketError {
  return new WebSocketError('RTMP_ERR_WEBSOCKET_DEAD', 'nothing came from the peer, no answer to a ping either')
}
