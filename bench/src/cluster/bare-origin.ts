import { releasePayload } from '@rtmpipe/chunk-stream'
import { connect } from '@nats-io/transport-node'
import { answerWith } from './answers.ts'
import { generate } from './generator.ts'
import { bareSubject } from './load.ts'

/** What {@link ./origin.ts} sends, by the client library alone: one message of the network for each of the stream. */

const connection = await connect({ servers: process.argv[2] ?? '' })
let isWanted = false
// The client keeps what it is given until the turn ends, and who is not asked for anything sends nothing.
const made = generate(index => {
  const subject = bareSubject(index)
  return ({ payload }) => {
    if (isWanted) connection.publish(subject, payload)
    else releasePayload(payload)
  }
})
connection.subscribe(bareSubject('join'), { callback: () => void (isWanted = true) })
answerWith(() => ({ bytes: made() }))
