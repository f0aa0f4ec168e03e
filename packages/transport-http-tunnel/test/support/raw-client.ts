import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

/** One HTTP response as it came over the wire. */
export interface RawResponse {
  /** Status line and headers, verbatim, without the empty line. */
  readonly head: string
  readonly status: number
  readonly body: Buffer
}

/** One TCP connection that speaks HTTP by hand: what foreign clients do, byte by byte. */
export class RawClient {
  readonly socket: Socket
  /** Requests made. */
  sent = 0
  #received: Buffer = Buffer.alloc(0)
  #wake: (() => void) | undefined
  #ended = false

  constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (bytes: Buffer) => {
      this.#received = Buffer.concat([this.#received, bytes])
      this.#wake?.()
    })
    for (const event of ['end', 'close']) {
      socket.on(event, () => {
        this.#ended = true
        this.#wake?.()
      })
    }
    socket.on('error', () => {})
  }

  static async connect(port: number): Promise<RawClient> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    await once(socket, 'connect')
    return new RawClient(socket)
  }

  static async connectTls(port: number): Promise<RawClient> {
    const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
    await once(socket, 'secureConnect')
    return new RawClient(socket)
  }

  /** Writes anything; if it begins a request, no more than one. */
  write(bytes: string | Uint8Array): void {
    if (typeof bytes === 'string' && bytes.startsWith('POST ')) this.sent += 1
    this.socket.write(bytes)
  }

  /** Sends a request without waiting for its response. */
  send(
    path: string,
    body: string | Uint8Array = '\0',
    headers: readonly string[] = FLASH_HEADERS,
    version = '1.1',
  ): void {
    this.sent += 1
    const bytes = Buffer.from(body as string, 'latin1')
    const head = [`POST ${path} HTTP/${version}`, 'Host: example.com', ...headers, `Content-Length: ${bytes.length}`]
    this.socket.write(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), bytes]))
  }

  /** The next response. */
  async receive(): Promise<RawResponse> {
    for (;;) {
      const response = this.#parse()
      if (response !== undefined) return response
      if (this.#ended) throw new Error(`connection closed with ${this.#received.length} bytes of a response`)
      await new Promise<void>(resolve => (this.#wake = resolve))
    }
  }

  /** Bytes that have come and were not received. */
  get unread(): number {
    return this.#received.length
  }

  /** What has come and was not received, when that is so many bytes or more. */
  async receivedAtLeast(length: number): Promise<Buffer> {
    while (this.#received.length < length && !this.#ended) await new Promise<void>(resolve => (this.#wake = resolve))
    return this.#received
  }

  async post(
    path: string,
    body?: string | Uint8Array,
    headers?: readonly string[],
    version?: string,
  ): Promise<RawResponse> {
    this.send(path, body, headers, version)
    return this.receive()
  }

  /** Resolves when the server has closed the connection. */
  async ended(): Promise<void> {
    while (!this.#ended) await new Promise<void>(resolve => (this.#wake = resolve))
  }

  /** `/open/1`: the session id. */
  async open(): Promise<string> {
    return (await this.post('/open/1')).body.toString().trimEnd()
  }

  destroy(): void {
    this.socket.destroy()
  }

  #parse(): RawResponse | undefined {
    const end = this.#received.indexOf('\r\n\r\n')
    if (end < 0) return undefined
    const head = this.#received.subarray(0, end).toString('latin1')
    const status = Number(head.slice(9, 12))
    const start = end + 4
    if (status === 100) {
      this.#received = this.#received.subarray(start)
      return { head, status, body: Buffer.alloc(0) }
    }
    const length = Number(/^Content-Length: (\d+)$/m.exec(head)?.[1])
    if (!Number.isInteger(length)) throw new Error(`response without Content-Length: ${head}`)
    if (this.#received.length < start + length) return undefined
    const body = Buffer.from(this.#received.subarray(start, start + length))
    this.#received = this.#received.subarray(start + length)
    return { head, status, body }
  }
}

/** What Flash Player sends. */
export const FLASH_HEADERS: readonly string[] = [
  'Content-Type: application/x-fcs',
  'User-Agent: Shockwave Flash',
  'Connection: Keep-Alive',
  'Cache-Control: no-cache',
]
