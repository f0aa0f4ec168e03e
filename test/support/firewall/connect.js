// Connects with fallback and says how long that took, by which way, and what was said of the others.
import { attemptsText, connect } from 'rtmpipe'

const [, , url, rounds = '1'] = process.argv
for (let round = 0; round < Number(rounds); round += 1) {
  const began = performance.now()
  const client = await connect(url, { fallback: true, insecure: true })
  const milliseconds = Math.round(performance.now() - began)
  const { state, transport, attempts } = client
  console.log(`connected ${JSON.stringify({ milliseconds, state, transport, way: attemptsText(attempts) })}`)
  await client.close()
}
