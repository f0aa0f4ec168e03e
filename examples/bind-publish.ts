// This example shows how to change what is published on its way: a Transform of messages, spliced into every stream by
// `bindPublish`. This one lets a stream's time begin at zero.
import { createServer, messageTransform, type Plugin, tcp } from 'rtmpipe'

const startAtZero: Plugin = {
  name: 'start-at-zero',
  bindPublish() {
    let first: number | undefined
    return messageTransform(message => {
      first ??= message.timestamp
      return { ...message, timestamp: (message.timestamp - first) >>> 0 }
    })
  },
}

const server = createServer({ transports: [tcp({ port: Number(process.env['PORT'] ?? 1935) })] })
server.use(startAtZero)
const [listener] = await server.listen()
console.log(`ready on port ${listener?.address.port}`)

process.once('SIGTERM', () => void server.close())
