// This example shows how to: 1. limit what publishers, viewers and addresses may take, 2. let an encoder that was cut
// off come back while viewers stay. Quotas stand first, so that nobody is ended for a publisher that is refused.
import { quotas } from 'rtmpipe/plugins/quotas'
import { publisherReturn, sameCredentials } from 'rtmpipe/plugins/publisher-return'
import { createServer, tcp } from 'rtmpipe'

const server = createServer({ transports: [tcp({ port: Number(process.env['PORT'] ?? 1935) })] })
server.use(
  quotas({
    bitrate: 6_000_000,
    viewersPerStream: Number(process.env['VIEWERS'] ?? 500),
    streamsPerKey: 1,
    connectionsPerAddress: { connections: 20, ipv6Prefix: 56 },
  }),
)
server.use(publisherReturn({ policy: 'resume', grace: 15_000, mayReturn: sameCredentials }))
const [listener] = await server.listen()
console.log(`ready on port ${listener?.address.port}`)

process.once('SIGTERM', () => void server.close())
