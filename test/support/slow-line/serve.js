// A server that publishes to itself: when somebody plays, a keyframe of 2 MiB and at once a second of audio after it.
import { connect, createServer, MessageType, tcp } from 'rtmpipe'

const host = process.argv[2]
const server = createServer({ transports: [tcp({ host, port: 0 })] })
const played = deferred()
server.use({ name: 'wait for the player', onPlayStart: () => played.resolve() })
await server.listen()
const { port } = server.listeners[0].address
console.log(`listening ${port}`)

const client = await connect(`rtmp://${host}:${port}/live`)
const publisher = await client.publish('slow')
await played.promise
send(MessageType.Video, 0, Buffer.concat([Buffer.from('1701000000', 'hex'), Buffer.alloc(2 * 1024 * 1024, 7)]))
for (let timestamp = 20; timestamp <= 1000; timestamp += 20) {
  send(MessageType.Audio, timestamp, Buffer.concat([Buffer.from('af01', 'hex'), Buffer.alloc(340, 1)]))
  await new Promise(resolve => setTimeout(resolve, 20))
}

function send(messageTypeId, timestamp, payload) {
  console.log(`sent ${messageTypeId} ${timestamp} ${Date.now()}`)
  publisher.write({ messageTypeId, messageStreamId: 0, timestamp, payload })
}

function deferred() {
  let resolve
  const promise = new Promise(it => (resolve = it))
  return { promise, resolve }
}
