// This example shows how to serve streams of another server: each is fetched from ORIGIN (like `rtmp://origin.example`) when
// somebody plays it, once for all players, and not much longer than somebody does.
import { relayPull } from 'rtmpipe/plugins/relay'
import { connect, createServer, tcp } from 'rtmpipe'

const { ORIGIN = 'rtmp://origin.example', PORT = '1936' } = process.env

const relay = relayPull({ connect, from: ({ app, streamName }) => `${ORIGIN}/${app}/${streamName}`, linger: 5_000 })
relay.on('state', ({ app, streamName, state, error = '' }) => console.log(`${app}/${streamName}: ${state} ${error}`))

const server = createServer({ transports: [tcp({ port: Number(PORT) })], plugins: [relay] })
const [listener] = await server.listen()
console.log(`ready on port ${listener?.address.port}`)

process.once('SIGTERM', () => void server.close())
