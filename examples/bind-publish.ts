// This example shows how to change what is published on its way: a Transform of messages, spliced into every stream by
// `bindPublish`. This one lets a stream's time begin at zero.
import { createServer, type Plugin, type RtmpMessage, tcp } from 'rtmpipe'
import { Transform } from 'readable-stream'

class StartAtZero extends Transform {
  #first: number | undefined

  constructor() {
    super({ objectMode: true })
  }

  override _transform(message: RtmpMessage, _encoding: BufferEncoding, done: () => void): void {
    this.#first ??= message.timestamp
    this.push({ ...message, timestamp: (message.timestamp - this.#first) >>> 0 })
    done()
  }
}

const startAtZero: Plugin = { name: 'start-at-zero', bindPublish: () => new StartAtZero() }

const server = createServer({ transports: [tcp({ port: Number(process.env['PORT'] ?? 1935) })] })
server.use(startAtZero)
const [listener] = await server.listen()
console.log(`ready on port ${listener?.address.port}`)

process.once('SIGTERM', () => void server.close())
