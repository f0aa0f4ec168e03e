// Publishes sound to its peers until it is told to end.
import { rtmfp } from '@rtmpipe/transport-rtmfp'
import { connect } from 'rtmpipe'

const client = await connect(process.argv[2], { transports: [rtmfp()] })
const publication = await client.publish('name', { to: 'peers' })
let timestamp = 0
const timer = setInterval(() => {
  const payload = Buffer.concat([Buffer.of(0xaf, 1), Buffer.alloc(1_000, timestamp)])
  publication.write({ messageTypeId: 8, messageStreamId: 0, timestamp, payload })
  timestamp += 5
}, 5)
console.log(`id ${client.nearId}`)
process.once('SIGTERM', () => {
  clearInterval(timer)
  void client.close()
})
