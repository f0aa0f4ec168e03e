// This example shows how to use plugins as classes, which are handed their options: 1. limit what publishers, viewers and
// addresses may take, 2. let an encoder that was cut off come back while viewers stay.
import { Quotas, QUOTAS_OPTIONS } from 'rtmpipe/plugins/quotas'
import { PUBLISHER_RETURN_OPTIONS, PublisherReturn, sameCredentials } from 'rtmpipe/plugins/publisher-return'
import { createServer, tcp } from 'rtmpipe'

const server = createServer({ transports: [tcp({ port: Number(process.env['PORT'] ?? 1935) })] })
server.provide(QUOTAS_OPTIONS, {
  bitrate: 6_000_000,
  viewersPerStream: Number(process.env['VIEWERS'] ?? 500),
  streamsPerKey: 1,
  connectionsPerAddress: { connections: 20, ipv6Prefix: 56 },
})
server.provide(PUBLISHER_RETURN_OPTIONS, { policy: 'resume', grace: 15_000, mayReturn: sameCredentials })
server.use(PublisherReturn).use(Quotas)
const [listener] = await server.listen()
console.log(`ready on port ${listener?.address.port}`)

process.once('SIGTERM', () => void server.close())
