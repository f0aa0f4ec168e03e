import { connect } from '@nats-io/transport-node'
import { bareSubject, streams } from './load.ts'
import { Reception } from './reception.ts'

/** What {@link ./edge.ts} takes, by the client library alone. */

const connection = await connect({ servers: process.argv[2] ?? '' })
const reception = new Reception(() => 0)
for (let index = 0; index < streams; index += 1) {
  connection.subscribe(bareSubject(index), {
    callback: (error, { data }) => {
      if (error === null) reception.take(index, Buffer.from(data.buffer, data.byteOffset, data.byteLength))
    },
  })
}
connection.publish(bareSubject('join'))
await connection.flush()
reception.begin()
