import type { Socket } from 'node:net'

/** One HTTP message as it came over the wire. */
export interface HttpMessage {
  /** Verbatim, with the empty line. */
  readonly head: string
  readonly body: Buffer
}

const NONE = Buffer.alloc(0)

/** Takes apart what comes on a connection, for messages that tell their length. */
export class HttpMessages {
  readonly #socket: Socket
  #received: Buffer = NONE
  #over = false
  #wake: (() => void) | undefined

  constructor(socket: Socket) {
    this.#socket = socket
    socket.on('error', () => {})
    socket.on('data', (bytes: Buffer) => {
      this.#received = this.#received.length === 0 ? bytes : Buffer.concat([this.#received, bytes])
      this.#wake?.()
    })
    socket.on('close', () => {
      this.#over = true
      this.#wake?.()
    })
    socket.on('end', () => {
      this.#over = true
      this.#wake?.()
    })
  }

  /** The next message; undefined when the connection is over. */
  async next(): Promise<HttpMessage | undefined> {
    for (;;) {
      const end = this.#received.indexOf('\r\n\r\n')
      if (end >= 0) {
        const head = this.#received.subarray(0, end + 4).toString('latin1')
        const length = Number(/^content-length: *(\d+)\r$/im.exec(head)?.[1] ?? 0)
        if (this.#received.length >= head.length + length) {
          const body = this.#received.subarray(head.length, head.length + length)
          this.#received = this.#received.subarray(head.length + length)
          return { head, body }
        }
      }
      if (this.#over || this.#socket.destroyed) return undefined
      await new Promise<void>(resolve => (this.#wake = resolve))
    }
  }
}
