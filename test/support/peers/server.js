// A server over RTMFP that says what it has sent to each client.
import { rtmfp } from '@rtmpipe/transport-rtmfp'
import { createServer } from 'rtmpipe'

const server = createServer({ transports: [rtmfp({ host: '0.0.0.0', port: 1935 })] })
server.use({
  name: 'counts',
  onDisconnect: ({ connection: { peerId, remote, bytesSent } }) =>
    console.log(`sent ${bytesSent} bytes to ${peerId} at ${remote.address}`),
})
await server.listen()
console.log('ready')
process.once('SIGTERM', () => void server.close())
