// Tells when each message has come.
import { connect } from 'rtmpipe'

const client = await connect(process.argv[2])
const player = await client.play('slow')
console.log('playing')
for await (const { messageTypeId, timestamp } of player) console.log(`got ${messageTypeId} ${timestamp} ${Date.now()}`)
