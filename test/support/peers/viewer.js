// Plays so many messages from a peer.
import { rtmfp } from '@rtmpipe/transport-rtmfp'
import { connect } from 'rtmpipe'

const [, , url, peer, count, connectTimeout] = process.argv
const client = await connect(url, { transports: [rtmfp({ connectTimeout: Number(connectTimeout) })] })
try {
  const began = performance.now()
  const play = await client.play('name', { peer })
  console.log(`introduced after ${Math.round(performance.now() - began)} ms`)
  const whole = []
  for await (const { payload } of play) {
    whole.push(payload.length === 1_002 && payload.subarray(2).every(byte => byte === payload[2]))
    if (whole.length === Number(count)) break
  }
  console.log(`got ${whole.filter(Boolean).length} messages`)
} catch (error) {
  console.log(`failed with ${error.code}`)
} finally {
  await client.close()
}
