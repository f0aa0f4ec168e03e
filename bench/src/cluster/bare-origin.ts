import { releasePayload } from '@rtmpipe/chunk-stream'
import { connect } from '@nats-io/transport-node'
import { answerWith } from './answers.ts'
import { generate } from './generator.ts'
import { bareSubject } from './load.ts'

/** What {@link ./origin.ts} sends, by the client library alone: one message of the network for each of the stream. */

const connection = await connect({ servers: process.argv[2] ?? '' })
let isWanted = false
/** The client copies what it is given when the turn ends. */
let lent: Buffer[] = []
function giveBack(): void {
  for (const payload of lent) releasePayload(payload)
  lent = []
}

// Who is not asked for anything sends nothing.
const made = generate(index => {
  const subject = bareSubject(index)
  return ({ payload }) => {
    if (!isWanted) return releasePayload(payload)
    connection.publish(subject, payload)
    if (lent.length === 0) setImmediate(giveBack)
    lent.push(payload)
  }
})
connection.subscribe(bareSubject('join'), { callback: () => void (isWanted = true) })
answerWith(() => ({ bytes: made() }))
