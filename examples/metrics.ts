// This example shows how to: 1. show metrics to Prometheus, with a token that may only look, 2. go on answering scripts
// that were written for other servers, 3. count something of your own. Try it with
// `curl -H 'Authorization: Bearer look' http://127.0.0.1:8080/metrics`.
import { createServer, type Plugin, tcp } from 'rtmpipe'
import { http, metrics, statsCompat } from 'rtmpipe/http'

const { PORT = '1935', HTTP_PORT = '8080', ADMIN_TOKEN, VIEW_TOKEN = 'look' } = process.env

// What clients say they are: a number is enough, no metric for each of them.
const encoders = new Map<string, number>()
const count: Plugin = {
  name: 'count',
  onPublishStart({ connection }) {
    const kind = /obs|ffmpeg|lavf|fmle/i.exec(connection.flashVer)?.[0].toLowerCase() ?? 'other'
    encoders.set(kind, (encoders.get(kind) ?? 0) + 1)
  },
}

const web = http({
  port: Number(HTTP_PORT),
  ...(ADMIN_TOKEN !== undefined && { token: ADMIN_TOKEN }),
  viewToken: VIEW_TOKEN,
  mount: [
    metrics({ perStream: true, maxStreams: 50 }),
    statsCompat(),
    async (app, { access }) => {
      app.get('/encoders', { onRequest: access.requires('view') }, async () => Object.fromEntries(encoders))
    },
  ],
})
const server = createServer({ transports: [tcp({ port: Number(PORT) })], plugins: [web, count] })
const [listener] = await server.listen()
console.log(`ready on ports ${listener?.address.port} ${web.address?.port}`)

process.once('SIGTERM', () => void server.close())
