// This example shows how to let viewers in who speak no RTMP: `http://127.0.0.1:8080/live/name.flv` plays in mpegts.js, VLC or
// ffplay, and passes the same gates and limits as every RTMP player. The same path over WebSocket does, too.
import { createServer, deny, tcp } from 'rtmpipe'
import { http } from 'rtmpipe/http'
import { httpFlv } from 'rtmpipe/http-view'

const { PORT = '1935', HTTP_PORT = '8080', KEY } = process.env
const web = http({ port: Number(HTTP_PORT), mount: [httpFlv({ origins: '*' })] })
const server = createServer({ transports: [tcp({ port: Number(PORT) })], plugins: [web] })
server.use({
  name: 'key',
  onPlay: ({ query }) =>
    KEY === undefined || query.get('key') === KEY
      ? undefined
      : deny('NetStream.Play.Failed', 'wrong key', { httpStatus: 401 }),
})
const [listener] = await server.listen()
console.log(`ready on ports ${listener?.address.port} ${web.address?.port}`)

process.once('SIGTERM', () => void server.close())
