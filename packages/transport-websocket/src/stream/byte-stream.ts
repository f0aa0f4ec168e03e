import { Duplex } from 'readable-stream'
import { WebSocketError } from '../errors.ts'
import type { Carrier } from './carrier.ts'
import { pack } from './pack.ts'

/** Bytes each side of the stream takes before it asks for patience. */
const HIGH_WATER_MARK = 64 * 1024
/** RFC 6455 §7.4.1 */
const NORMAL = 1000
const PROTOCOL_ERROR = 1002
const NOTHING = new Uint8Array(0)

type Done = (error?: Error | null) => void

/**
 * The bytes that the binary messages of a WebSocket carry, whose borders mean nothing. WebSocket has no end of one direction:
 * an empty message is one here. The stream has closed when the WebSocket has.
 */
export class WebSocketByteStream extends Duplex {
  readonly #carrier: Carrier
  /** The peer sends nothing more. */
  #hasEnded = false
  #isClosed = false
  #whenClosed: (() => void) | undefined

  constructor(carrier: Carrier) {
    super({ highWaterMark: HIGH_WATER_MARK })
    this.#carrier = carrier
    // A reset is seen by whoever uses the stream; with nobody there it must not end the process.
    this.on('error', () => {})
    carrier.begin({
      message: bytes => this.#take(bytes),
      fail: error => void this.destroy(error),
      closed: error => this.#closed(error),
    })
  }

  override _read(): void {
    this.#carrier.resume()
  }

  override _write(chunk: Uint8Array, _encoding: string, done: Done): void {
    this.#send([chunk], done)
  }

  override _writev(chunks: readonly { readonly chunk: Uint8Array }[], done: Done): void {
    this.#send(
      chunks.map(({ chunk }) => chunk),
      done,
    )
  }

  override _final(done: Done): void {
    // Who has closed does not wait for our end.
    if (this.#isClosed) done()
    else this.#carrier.send(NOTHING, done)
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (this.#isClosed) return done(error)
    this.#whenClosed = () => done(error)
    const code = error instanceof WebSocketError ? error.closeCode : this.#isOver ? NORMAL : undefined
    if (code === undefined) this.#carrier.terminate()
    else this.#carrier.close(code)
  }

  /** Both directions have ended. */
  get #isOver(): boolean {
    return this.#hasEnded && this.writableFinished
  }

  #take(bytes: Uint8Array): void {
    if (this.destroyed) return
    if (this.#hasEnded)
      this.destroy(
        new WebSocketError('RTMP_ERR_WEBSOCKET_FRAME', 'a message came after the one that ended the direction', {
          closeCode: PROTOCOL_ERROR,
        }),
      )
    else if (bytes.length === 0) this.#end()
    else if (!this.push(bytes)) this.#carrier.pause()
  }

  /** Without an error the peer has closed it, as a page does that is left. */
  #closed(error: Error | undefined): void {
    this.#isClosed = true
    if (this.#whenClosed !== undefined) this.#whenClosed()
    else if (error !== undefined) this.destroy(error)
    else if (this.readableEnded) this.destroy()
    else {
      this.once('end', () => this.destroy())
      this.#end()
    }
  }

  #end(): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.push(null)
  }

  #send(pieces: readonly Uint8Array[], done: Done): void {
    if (this.#isClosed)
      return done(new WebSocketError('RTMP_ERR_WEBSOCKET_CLOSED', 'write after the peer closed the WebSocket'))
    const messages = pack(pieces)
    const last = messages.length - 1
    if (last < 0) return done()
    messages.forEach((message, index) => this.#carrier.send(message, index === last ? done : ignore))
  }
}

function ignore(): void {}
