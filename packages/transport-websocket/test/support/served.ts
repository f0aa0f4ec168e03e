import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { type AcceptOptions, attach, type WebSocketConnection } from '../../src/index.ts'
import { onTestFinished } from 'vitest'

/** WebSockets at an HTTP server of the user's own. */
export class Served {
  readonly server: Server
  readonly accepted: WebSocketConnection[] = []
  readonly errors: (Error & { readonly code?: string })[] = []
  readonly port: number

  private constructor(server: Server) {
    this.server = server
    this.port = (server.address() as AddressInfo).port
  }

  static async start(
    options: AcceptOptions = {},
    server: Server = createServer((_request, response) => response.end('page')),
  ): Promise<Served> {
    if (!server.listening) await once(server.listen(0, '127.0.0.1'), 'listening')
    const served = new Served(server)
    const attachment = attach(server, connection => served.#take(connection), {
      onError: error => served.errors.push(error),
      ...options,
    })
    onTestFinished(async () => {
      attachment.destroy()
      await Promise.all([attachment.close(), new Promise(resolve => server.close(resolve))])
    })
    return served
  }

  /** The n-th connection, as soon as it is there. */
  async connection(index: number = 0): Promise<WebSocketConnection> {
    while (this.accepted[index] === undefined) await new Promise<void>(resolve => (this.#wake = resolve))
    return this.accepted[index]
  }

  #wake: () => void = () => {}

  #take(connection: WebSocketConnection): void {
    this.accepted.push(connection)
    this.#wake()
  }

  /** Asks for an upgrade as a program does that writes its own headers, and reads the head of the answer. */
  async upgrade(headers: Readonly<Record<string, string>> = {}, path: string = '/live'): Promise<RawWebSocket> {
    const all = {
      Host: `127.0.0.1:${this.port}`,
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Protocol': 'rtmp',
      ...headers,
    }
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
    const socket = connect(this.port, '127.0.0.1').on('error', () => {})
    onTestFinished(() => void socket.destroy())
    socket.write(`GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`)
    return RawWebSocket.begin(socket)
  }
}

/** A connection whose frames are made by hand. */
export class RawWebSocket {
  readonly socket: Socket
  /** Head of the answer. */
  readonly head: string
  #bytes: Buffer

  private constructor(socket: Socket, head: string, bytes: Buffer) {
    this.socket = socket
    this.head = head
    this.#bytes = bytes
    socket.on('data', (more: Buffer) => (this.#bytes = Buffer.concat([this.#bytes, more])))
  }

  static async begin(socket: Socket): Promise<RawWebSocket> {
    let bytes = Buffer.alloc(0)
    for (;;) {
      const end = bytes.indexOf('\r\n\r\n')
      if (end >= 0) {
        socket.pause()
        const raw = new RawWebSocket(socket, bytes.toString('latin1', 0, end), bytes.subarray(end + 4))
        socket.resume()
        return raw
      }
      const [more] = (await once(socket, 'data')) as [Buffer]
      bytes = Buffer.concat([bytes, more])
    }
  }

  get status(): number {
    return Number(this.head.split(' ')[1])
  }

  /** Sends a frame; masked with zeros, which changes nothing, unless told otherwise. */
  frame(first: number, payload: Buffer, isMasked: boolean = true, length: number = payload.length): void {
    const mask = isMasked ? 0x80 : 0
    const lengths =
      length < 126
        ? Buffer.of(mask | length)
        : length < 65_536
          ? Buffer.of(mask | 126, length >> 8, length & 255)
          : Buffer.concat([Buffer.of(mask | 127, 0, 0, 0, 0), bigEndian(length)])
    this.socket.write(Buffer.concat([Buffer.of(first), lengths, Buffer.alloc(isMasked ? 4 : 0), payload]))
  }

  /** Code of the close frame that is the last the server sends. */
  async closeCode(): Promise<number | undefined> {
    if (!this.socket.readableEnded && !this.socket.closed)
      await Promise.race([once(this.socket, 'end'), once(this.socket, 'close')])
    const at = this.#bytes.lastIndexOf(Buffer.of(0x88, 2))
    return at < 0 ? undefined : this.#bytes.readUInt16BE(at + 2)
  }

  /** All frames so far. */
  get bytes(): Buffer {
    return this.#bytes
  }
}

function bigEndian(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
