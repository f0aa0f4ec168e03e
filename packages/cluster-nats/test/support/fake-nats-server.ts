import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'

const info = { server_id: 'fake', version: '2.12.0', max_payload: 1024 * 1024, proto: 1, headers: true }
const lineEnd = Buffer.from('\r\n')

/** As much of a NATS server as takes what is published, and stops reading or cuts its clients off when a test says so. */
export class FakeNatsServer implements AsyncDisposable {
  /** Payloads, of each connection on which there were any. */
  readonly received: Buffer[][] = []
  readonly #server: Server = createServer(socket => this.#serve(socket))
  readonly #sockets = new Set<Socket>()

  /** Its URL. */
  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return `nats://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  pause(): void {
    for (const socket of this.#sockets) socket.pause()
  }

  resume(): void {
    for (const socket of this.#sockets) socket.resume()
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    socket.on('error', () => {})
    socket.write(`INFO ${JSON.stringify(info)}\r\n`)
    const payloads: Buffer[] = []
    let rest: Buffer = Buffer.alloc(0)
    let parts: Buffer[] = []
    let missing = 0
    socket.on('data', (chunk: Buffer) => {
      parts.push(chunk)
      missing -= chunk.length
      if (missing > 0) return
      rest = Buffer.concat([rest, ...parts])
      parts = []
      for (;;) {
        const end = rest.indexOf(lineEnd)
        if (end < 0) return
        const [verb, ...words] = rest.toString('latin1', 0, end).split(' ')
        const length = verb === 'PUB' ? Number(words.at(-1)) + lineEnd.length : 0
        const start = end + lineEnd.length
        missing = start + length - rest.length
        if (missing > 0) return
        if (verb === 'PING') socket.write('PONG\r\n')
        if (verb === 'PUB') {
          if (payloads.length === 0) this.received.push(payloads)
          payloads.push(Buffer.from(rest.subarray(start, start + length - lineEnd.length)))
        }
        rest = rest.subarray(start + length)
      }
    })
  }
}
