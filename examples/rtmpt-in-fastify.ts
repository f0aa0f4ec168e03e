// This example shows how to offer RTMP through HTTP in a fastify server that you have already: the tunnel's routes stand
// beside your own, on the same port.
import fastify from 'fastify'
import { createServer, tunnelRoutes } from 'rtmpipe'

const rtmp = createServer({ transports: [] })

const app = fastify()
app.get('/', async () => ({ streams: [...rtmp.streams].map(({ app, name }) => `${app}/${name}`) }))
await app.register(tunnelRoutes, { accept: connection => rtmp.accept(connection) })
const url = await app.listen({ port: Number(process.env['PORT'] ?? 8080) })
console.log(`ready on port ${new URL(url).port}`)

process.once('SIGTERM', () => void rtmp.close().then(() => app.close()))
