import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, connect, createServer as createTcpServer, type Server, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'

interface Options {
  /** Wanted from everybody. */
  readonly login?: { readonly user: string; readonly password: string }
  /** Spoken with it, with this certificate. */
  readonly tls?: { readonly cert: string; readonly key: string }
  /** Closes each connection after an answer, without a word. */
  readonly closes?: boolean
}

/** A small proxy for tests: CONNECT and absolute URIs, or SOCKS5. It notes what it was asked for. */
export class FakeProxy implements AsyncDisposable {
  readonly port: number
  /** Like `CONNECT host:port`, `POST http://host:port/path`, `SOCKS host:port`. */
  readonly asked: string[]
  readonly #server: Server
  readonly #open: Set<Socket>

  private constructor(server: Server, asked: string[], open: Set<Socket>) {
    this.port = (server.address() as AddressInfo).port
    this.#server = server
    this.asked = asked
    this.#open = open
  }

  static async http({ login, tls, closes = false }: Options = {}): Promise<FakeProxy> {
    const asked: string[] = []
    const wanted = login && `Basic ${Buffer.from(`${login.user}:${login.password}`).toString('base64')}`
    const lets = (message: IncomingMessage) => wanted === undefined || message.headers['proxy-authorization'] === wanted
    const server = tls === undefined ? createServer() : createHttpsServer(tls)
    server.on('connect', (message: IncomingMessage, client: Duplex, head: Buffer) => {
      asked.push(`CONNECT ${message.url}`)
      if (!lets(message)) return client.end('HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n')
      const { hostname, port } = new URL(`http://${message.url}`)
      const far = joined(client, hostname.replace(/^\[(.*)\]$/, '$1'), Number(port), unavailable)
      far.once('connect', () => {
        client.write('HTTP/1.1 200 Connection established\r\n\r\n')
        far.write(head)
      })
    })
    server.on('request', (message: IncomingMessage, response: ServerResponse) => {
      asked.push(`${message.method} ${message.url}`)
      if (!lets(message)) return response.writeHead(407, { 'Content-Length': 0 }).end()
      const { 'proxy-authorization': _, ...headers } = message.headers
      const far = request(message.url ?? '', { method: message.method ?? '', headers }, answer => {
        const { connection: __, ...kept } = answer.headers
        response.writeHead(answer.statusCode ?? 0, kept)
        answer.pipe(response)
        if (closes) response.once('finish', () => message.socket.end())
      })
      far.on('error', () => (response.headersSent ? response.destroy() : response.writeHead(503).end()))
      message.pipe(far)
    })
    return FakeProxy.#listening(server, asked)
  }

  static socks({ login }: Options = {}): Promise<FakeProxy> {
    const asked: string[] = []
    const serve = async (client: Socket): Promise<void> => {
      const next = reader(client)
      const [, count = 0] = await next(2)
      const methods = await next(count)
      const method = login === undefined ? 0 : 2
      if (!methods.includes(method)) return void client.end(Buffer.of(5, 0xff))
      client.write(Buffer.of(5, method))
      if (login !== undefined) {
        const [, userLength = 0] = await next(2)
        const user = String(await next(userLength))
        const password = String(await next((await next(1))[0] ?? 0))
        const isRight = user === login.user && password === login.password
        client.write(Buffer.of(1, isRight ? 0 : 1))
        if (!isRight) return void client.end()
      }
      const [, , , type = 0] = await next(4)
      const address = await next(type === 1 ? 4 : type === 4 ? 16 : ((await next(1))[0] ?? 0))
      const host = type === 3 ? String(address) : type === 1 ? [...address].join('.') : ipv6(address)
      const port = (await next(2)).readUInt16BE()
      asked.push(`SOCKS ${host}:${port}`)
      const far = joined(client, host, port, Buffer.of(5, 5, 0, 1, 0, 0, 0, 0, 0, 0))
      far.once('connect', () => client.write(Buffer.of(5, 0, 0, 1, 0, 0, 0, 0, 0, 0)))
    }
    const server = createTcpServer({ allowHalfOpen: true }, client => {
      client.on('error', () => client.destroy())
      serve(client).catch(() => client.destroy())
    })
    return FakeProxy.#listening(server, asked)
  }

  static async #listening(server: Server, asked: string[]): Promise<FakeProxy> {
    const open = new Set<Socket>()
    server.on('connection', (socket: Socket) => open.add(socket))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new FakeProxy(server, asked, open)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#open) socket.destroy()
    await new Promise(resolve => this.#server.close(resolve))
  }
}

const unavailable = 'HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n'

/** @param refusal what the client is told when nobody is there */
function joined(client: Duplex, host: string, port: number, refusal: string | Buffer): Socket {
  const far = connect({ host, port, allowHalfOpen: true, noDelay: true })
  far.on('error', () => (far.pending ? client.end(refusal) : client.destroy()))
  client.on('error', () => far.destroy()).on('close', () => far.destroy())
  far.once('connect', () => {
    far.pipe(client)
    client.pipe(far)
  })
  return far
}

function ipv6(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(2 * index).toString(16))
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1)
}

/** Reads so many bytes at a time; never answers when they do not come. */
function reader(socket: Socket): (count: number) => Promise<Buffer> {
  return async count => {
    let bytes = Buffer.alloc(0)
    for (;;) {
      bytes = Buffer.concat([bytes, (socket.read() as Buffer | null) ?? Buffer.alloc(0)])
      if (bytes.length > count) socket.unshift(bytes.subarray(count))
      if (bytes.length >= count) return bytes.subarray(0, count)
      await once(socket, 'readable')
    }
  }
}
