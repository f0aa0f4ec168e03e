// This example shows how to let viewers in who speak no RTMP: `http://127.0.0.1:8080/live/name.flv` plays over HTTP in
// mpegts.js, VLC or ffplay, and passes the same gates and limits as every RTMP player.
import { pipeline } from 'node:stream'
import fastify from 'fastify'
import { createServer, deny, FlvMuxStage, StatusError, tcp } from 'rtmpipe'

const { PORT = '1935', HTTP_PORT = '8080', KEY } = process.env
const rtmp = createServer({ transports: [tcp({ port: Number(PORT) })] })
rtmp.use({
  name: 'key',
  onPlay: ({ query }) =>
    KEY === undefined || query.get('key') === KEY ? undefined : deny('NetStream.Play.Failed', 'wrong key'),
})
const [listener] = await rtmp.listen()

const web = fastify({ forceCloseConnections: true })
web.get<{ Params: { app: string; name: string } }>('/:app/:name.flv', async ({ params, raw, ip, socket }, reply) => {
  const remote = { address: ip, port: socket.remotePort ?? 0 }
  const [, query = ''] = raw.url?.split('?') ?? []
  try {
    const messages = await rtmp.play(params.app, params.name, { transport: 'http-flv', remote, query })
    // When the request is gone, fastify destroys the last stream, and pipeline() the first: the player has left.
    const flv = pipeline(messages, new FlvMuxStage(), () => {})
    return reply.header('access-control-allow-origin', '*').type('video/x-flv').send(flv)
  } catch (error) {
    if (error instanceof StatusError) return reply.code(403).send(error.message)
    throw error
  }
})
const url = await web.listen({ port: Number(HTTP_PORT) })
console.log(`ready on ports ${listener?.address.port} ${new URL(url).port}`)

process.once('SIGTERM', () => void rtmp.close().then(() => web.close()))
