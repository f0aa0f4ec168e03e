import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { type HttpMessage, HttpMessages } from './http-messages.ts'
import type { Random } from './random.ts'

/** Faults that change how bytes travel. */
export const BENDS = [
  'split',
  'jitter',
  'delay',
  'expect',
  'chunked answer',
  'lower case',
  'sent twice in turn',
  'sent twice at once',
] as const

/** Faults that lose something. */
export const BREAKS = [
  'cut between requests',
  'request lost',
  'cut inside the request',
  'answer lost',
  'cut inside the answer',
  '502 before',
  '502 after',
] as const

/** What the relay may do to a request. */
export type Fault = (typeof BENDS)[number] | (typeof BREAKS)[number] | 'chunked request' | 'swallowed'

/** Which faults a request meets. */
export type Faults = (path: string) => readonly Fault[]

/** Milliseconds. */
const MOST_JITTER = 12
const DELAY = 8

/** A proxy that misbehaves as it is told, between tunnel clients and one server. */
export class FaultRelay {
  readonly #upstream: number
  readonly #random: Random
  readonly #faults: Faults
  readonly #sockets = new Set<Socket>()
  #server: Server | undefined
  #port = 0
  /** Requests that came, and the faults that they met. */
  requests = 0
  readonly met = new Map<Fault, number>()

  constructor(upstream: number, random: Random, faults: Faults) {
    this.#upstream = upstream
    this.#random = random
    this.#faults = faults
  }

  get port(): number {
    return this.#port
  }

  /** Listens, from the second time on at the same port. */
  async start(): Promise<void> {
    for (;;) {
      const server = createServer({ noDelay: true }, socket => void this.#attend(socket))
      // While it is down nobody else must be given the port: it is none of those that the system gives away.
      const port = this.#port === 0 ? 20_000 + Math.floor(Math.random() * 12_000) : this.#port
      try {
        server.listen(port, '127.0.0.1')
        await once(server, 'listening')
        this.#server = server
        this.#port = port
        return
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
        await sleep(10)
      }
    }
  }

  /** Cuts everything and listens no more. */
  async stop(): Promise<void> {
    const closed = new Promise(resolve => this.#server?.close(resolve))
    for (const socket of this.#sockets) socket.resetAndDestroy()
    await closed
  }

  #keep(socket: Socket): Socket {
    this.#sockets.add(socket)
    socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket))
    return socket
  }

  async #attend(client: Socket): Promise<void> {
    this.#keep(client)
    const requests = new HttpMessages(client)
    for (let request = await requests.next(); request !== undefined; request = await requests.next()) {
      this.requests += 1
      const faults = new Set(this.#faults(request.head.split(' ')[1] ?? ''))
      for (const fault of faults) this.met.set(fault, (this.met.get(fault) ?? 0) + 1)
      await this.#handle(client, request, faults)
    }
    client.destroy()
  }

  async #handle(client: Socket, request: HttpMessage, faults: ReadonlySet<Fault>): Promise<void> {
    if (faults.has('jitter')) await sleep(this.#random.below(MOST_JITTER))
    if (faults.has('delay')) await sleep(DELAY)
    if (faults.has('swallowed')) {
      await once(client, 'close')
      return
    }
    if (faults.has('request lost')) {
      client.destroy()
      return
    }
    if (faults.has('502 before')) {
      client.write(BAD_GATEWAY)
      return
    }
    const answer = await this.#ask(client, request, faults)
    if (faults.has('delay')) await sleep(DELAY)
    if (answer === undefined || faults.has('answer lost')) client.resetAndDestroy()
    else if (faults.has('502 after')) client.write(BAD_GATEWAY)
    else await this.#answer(client, answer, faults)
  }

  /** What the server answers; undefined when it does not. */
  async #ask(client: Socket, request: HttpMessage, faults: ReadonlySet<Fault>): Promise<HttpMessage | undefined> {
    const ask = async (): Promise<HttpMessage | undefined> => this.#forward(client, request, faults)
    if (faults.has('sent twice at once')) {
      const [first, second] = await Promise.all([ask(), ask()])
      return this.#random.of([first, second])
    }
    const answer = await ask()
    return faults.has('sent twice in turn') ? ask() : answer
  }

  async #forward(client: Socket, request: HttpMessage, faults: ReadonlySet<Fault>): Promise<HttpMessage | undefined> {
    const server = this.#keep(connect({ port: this.#upstream, host: '127.0.0.1', noDelay: true }))
    const cut = (): void => void server.destroy()
    client.once('close', cut)
    try {
      const answers = new HttpMessages(server)
      let { head, body } = request
      if (faults.has('lower case')) head = lowerCase(head)
      if (faults.has('chunked request')) {
        head = head.replace(/^content-length: *\d+\r\n/im, 'Transfer-Encoding: chunked\r\n')
        body = chunked(body, this.#random)
      }
      if (faults.has('cut inside the request')) {
        const bytes = Buffer.concat([Buffer.from(head, 'latin1'), body])
        await written(server, bytes.subarray(0, 1 + this.#random.below(bytes.length - 1)))
        // The server is to see the half before it sees the end.
        await sleep(2)
        return undefined
      }
      if (faults.has('expect')) {
        await written(server, Buffer.from(head.replace(/\r\n$/, 'Expect: 100-continue\r\n\r\n'), 'latin1'))
        // Instead of 100 there may already be the answer.
        const first = await answers.next()
        if (first === undefined || !/^\S+ 100 /.test(first.head)) return first
        await this.#send(server, body, faults)
      } else await this.#send(server, Buffer.concat([Buffer.from(head, 'latin1'), body]), faults)
      return await answers.next()
    } finally {
      client.off('close', cut)
      server.destroy()
    }
  }

  async #answer(client: Socket, answer: HttpMessage, faults: ReadonlySet<Fault>): Promise<void> {
    let { head, body } = answer
    if (faults.has('lower case')) head = lowerCase(head)
    // Its connection to the server is not the client's.
    head = head.replace(/^connection: *close\r\n/im, '')
    if (faults.has('chunked answer')) {
      head = head.replace(/^content-length: *\d+\r\n/im, 'Transfer-Encoding: chunked\r\n')
      body = chunked(body, this.#random)
    }
    const bytes = Buffer.concat([Buffer.from(head, 'latin1'), body])
    if (faults.has('cut inside the answer')) {
      await written(client, bytes.subarray(0, 1 + this.#random.below(bytes.length - 1)))
      client.destroy()
    } else {
      await this.#send(client, bytes, faults)
      if (faults.has('cut between requests')) client.destroy()
    }
  }

  async #send(socket: Socket, bytes: Buffer, faults: ReadonlySet<Fault>): Promise<void> {
    if (!faults.has('split')) {
      await written(socket, bytes)
      return
    }
    for (let at = 0; at < bytes.length && !socket.destroyed; ) {
      const end = at + 1 + this.#random.below(Math.max(60, bytes.length / 4))
      await written(socket, bytes.subarray(at, end))
      at = end
    }
  }
}

const BAD_GATEWAY = 'HTTP/1.1 502 Bad Gateway\r\nContent-Length: 4\r\nContent-Type: text/html\r\n\r\noops'

function lowerCase(head: string): string {
  return head.replace(/^[\w-]+(?=:)/gm, name => name.toLowerCase())
}

function chunked(body: Buffer, random: Random): Buffer {
  const chunks: Buffer[] = []
  for (let at = 0; at < body.length; ) {
    const chunk = body.subarray(at, at + 1 + random.below(body.length))
    chunks.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n'))
    at += chunk.length
  }
  return Buffer.concat([...chunks, Buffer.from('0\r\n\r\n')])
}

/** Resolves when the bytes are on their way, or never will be. */
function written(socket: Socket, bytes: Buffer): Promise<void> {
  return new Promise(resolve => {
    if (socket.destroyed) resolve()
    else socket.write(bytes, () => resolve())
  })
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, milliseconds))
}
