// This example shows how to: 1. serve RTMPT, health and the HTTP API on one port, 2. mount a page of your own beside them,
// for whom has a token or for everybody. Try it with `curl http://127.0.0.1:8080/now` and
// `rtmpipe status --token admin`.
import { createServer, tcp } from 'rtmpipe'
import { api, health, http, type Mount } from 'rtmpipe/http'

const { PORT = '1935', HTTP_PORT = '8080', ADMIN_TOKEN = 'admin' } = process.env

const now: Mount = async (app, { host, access }) => {
  app.get('/now', async () => ({ live: [...host.server.streams].filter(({ isLive }) => isLive).length }))
  app.post('/off', { onRequest: access.requires('operate') }, async () => {
    for (const stream of host.server.streams) stream.end()
    return { live: 0 }
  })
}

const web = http({
  port: Number(HTTP_PORT),
  token: ADMIN_TOKEN,
  mount: [health(), api(), now],
  drain: options => server.drain(options),
})
const server = createServer({ transports: [tcp({ port: Number(PORT) }), web.tunnel()], plugins: [web] })
const [plain, tunnel] = await server.listen()
console.log(`ready on ports ${plain?.address.port} ${tunnel?.address.port}`)

process.once('SIGTERM', () => void server.close())
