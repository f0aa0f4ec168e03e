// This example shows how to play the FLV and MP4 files of a folder, and only to those who have a ticket: the plugin
// that decides stands before the one that plays.
import { vod } from 'rtmpipe/plugins/vod'
import { createServer, deny, type Plugin, tcp } from 'rtmpipe'

const ticketCheck: Plugin = {
  name: 'ticket-check',
  onPlay: ({ query }) =>
    query.get('ticket') === 'balcony' ? undefined : deny('NetStream.Play.Failed', 'not without a ticket'),
}

const server = createServer({ transports: [tcp({ port: Number(process.env['PORT'] ?? 1935) })] })
server.use(ticketCheck)
server.use(vod({ dir: process.env['FOLDER'] ?? 'films' }))
const [listener] = await server.listen()
console.log(`ready on port ${listener?.address.port}`)

process.once('SIGTERM', () => void server.close())
