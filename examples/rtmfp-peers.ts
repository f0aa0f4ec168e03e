// This example shows how viewers feed one another over RTMFP: the first one plays `live/name` from the server, and publishes
// what it gets to its peers; two others play that from it, by its id. The server sends the stream once, not three times.
// An encoder publishes it over RTMP, to the first of the two ports.
import { rtmfp } from '@rtmpipe/transport-rtmfp'
import { connect, createServer, type PlayStream, tcp } from 'rtmpipe'

const port = Number(process.env['PORT'] ?? 1935)
const server = createServer({ transports: [tcp({ port }), rtmfp({ port })] })
const listeners = await server.listen()
const [, { address } = { address: { port } }] = listeners

const viewer = () => connect(`rtmfp://127.0.0.1:${address.port}/live`, { transports: [rtmfp()] })
const [first, second, third] = [await viewer(), await viewer(), await viewer()]
process.once('SIGTERM', () => {
  for (const client of [first, second, third]) void client.close()
  void server.close()
})
console.log(`ready on ports ${listeners.map(listener => listener.address.port).join(' ')}`)

const fromServer = await first.play('name')
const toPeers = await first.publish('name', { to: 'peers' })
fromServer.pipe(toPeers)

// How they come to know the id is up to the application: a shared object, a web page, a method of the server.
const peer = first.nearId ?? ''
const plays = [await second.play('name', { peer }), await third.play('name', { peer })]
console.log('two viewers are fed by a peer')

async function bytesOf(play: PlayStream): Promise<number> {
  let bytes = 0
  for await (const { payload } of play) bytes += payload.length
  return bytes
}
const received = await Promise.all(plays.map(bytesOf))
let sent = 0
for (const { transport, bytesSent } of server.connections) if (transport === 'rtmfp') sent += bytesSent
console.log(`fed by a peer: ${received.join(' and ')} bytes; sent by the server to all three: ${sent} bytes`)
