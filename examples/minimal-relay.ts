// This example shows how to relay live streams: what is published to rtmp://127.0.0.1:1935/live/NAME can be played from
// the same URL.
import { createServer, tcp } from 'rtmpipe'

const server = createServer({ transports: [tcp({ port: Number(process.env['PORT'] ?? 1935) })] })
const [listener] = await server.listen()
console.log(`ready on port ${listener?.address.port}`)

process.once('SIGTERM', () => void server.close())
