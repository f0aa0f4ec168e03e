// This example shows how to: 1. serve RTMP, which every encoder speaks, and RTMFP, which is RTMP over UDP, at one port number,
// 2. play over RTMFP what is published over RTMP, or the other way round: `npx rtmpipe play rtmfp://127.0.0.1/live/stream`.
import { createServer, rtmfp, tcp } from 'rtmpipe'

const port = Number(process.env['PORT'] ?? 1935)
const server = createServer({ transports: [tcp({ port }), rtmfp({ port })] })
const listeners = await server.listen()
console.log(`ready on ports ${listeners.map(({ address }) => address.port).join(' ')}`)

process.once('SIGTERM', () => void server.close())
