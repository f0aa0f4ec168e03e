import type { Carrier, Receiver } from '../stream/carrier.ts'
import { broken, isGoodbye, ourCode, textError } from './page-carrier.ts'
import type { PageWebSocketStream } from './page-api.ts'

/** A WebSocketStream: it takes no more from the network than is read, and tells when there is room to write. */
export class StreamCarrier implements Carrier {
  readonly #socket: PageWebSocketStream
  readonly #reader: ReadableStreamDefaultReader<unknown>
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>
  #receiver: Receiver | undefined
  #isPaused = false
  #isReading = false

  /** @param opened what the socket has opened with */
  constructor(socket: PageWebSocketStream, { readable, writable }: Awaited<PageWebSocketStream['opened']>) {
    this.#socket = socket
    this.#reader = readable.getReader()
    this.#writer = writable.getWriter()
  }

  begin(receiver: Receiver): void {
    this.#receiver = receiver
    this.#socket.closed.then(
      ({ closeCode = 1005 }) => this.#end(isGoodbye(closeCode) ? undefined : broken(closeCode)),
      () => this.#end(broken(1006)),
    )
    void this.#read()
  }

  send(bytes: Uint8Array, done: (error?: Error | null) => void): void {
    this.#writer.write(bytes).then(
      () => done(),
      () => done(broken(1006)),
    )
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    void this.#read()
  }

  close(code: number): void {
    // The goodbye comes behind what has not been read.
    this.resume()
    this.#socket.close({ closeCode: code === 1000 ? code : ourCode(code) })
  }

  /** A page can't cut a connection: it says goodbye, and does not wait for the answer. */
  terminate(): void {
    this.#socket.close()
    this.#end(broken(1006))
  }

  /** One loop at a time; it ends while we are paused, and with the stream. */
  async #read(): Promise<void> {
    if (this.#isReading) return
    this.#isReading = true
    try {
      while (!this.#isPaused) {
        const { done, value } = await this.#reader.read()
        if (done) return
        if (typeof value === 'string') this.#receiver?.fail(textError())
        else this.#receiver?.message(value instanceof ArrayBuffer ? new Uint8Array(value) : (value as Uint8Array))
      }
    } catch {
      // `closed` tells.
    } finally {
      this.#isReading = false
    }
  }

  #end(error?: Error): void {
    const receiver = this.#receiver
    this.#receiver = undefined
    receiver?.closed(error)
  }
}
