// This example shows how to send streams elsewhere: 1. push every stream to the servers in TO (URLs of applications,
// separated by blanks), 2. push one stream where you like while the server runs, 3. see how it goes, 4. let an encoder
// that was cut off come back while players and destinations stay.
import { publisherReturn } from 'rtmpipe/plugins/publisher-return'
import { relayPush } from 'rtmpipe/plugins/relay'
import { connect, createServer, tcp } from 'rtmpipe'

const to = (process.env['TO'] ?? '').split(' ').filter(url => url !== '')
const relay = relayPush({ connect, to })
relay.on('state', ({ app, streamName, destination, state, error = '' }) => {
  console.log(`${app}/${streamName} to ${destination}: ${state} ${error}`)
})

const extra = process.env['SHOW_TO']
if (extra !== undefined) relay.add('live', 'show', extra)

const server = createServer({ transports: [tcp({ port: Number(process.env['PORT'] ?? 1935) })] })
server.use(publisherReturn({ policy: 'resume' })).use(relay)
const [listener] = await server.listen()
console.log(`ready on port ${listener?.address.port}`)

process.once('SIGTERM', () => void server.close())
