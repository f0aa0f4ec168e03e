// A CommonJS program that relays a message through a server of its own, and says what time it bears.
const { connect, createServer, MessageType, tcp } = require('rtmpipe')

async function main() {
  const server = createServer({ transports: [tcp({ port: 0 })] })
  const [{ address }] = await server.listen()
  const client = await connect(`rtmp://127.0.0.1:${address.port}/live`)
  const player = await client.play('name')
  const publisher = await client.publish('name')
  const payload = Buffer.from('af0121', 'hex')
  publisher.write({ messageTypeId: MessageType.Audio, messageStreamId: 0, timestamp: 7, payload })
  const { timestamp } = await new Promise(resolve => player.once('data', resolve))
  console.log(`Node ${process.versions.node} got ${timestamp}`)
  await client.close()
  await server.close()
}

void main()
