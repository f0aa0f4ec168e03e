// This example shows how to serve RTMPS with a certificate of your own: 1. read it from files, 2. take up a renewed one
// without a restart (the files are looked at again when they change), 3. serve RTMP beside it.
import { certificateFiles, createServer, tcp, tls } from 'rtmpipe'

const cert = process.env['CERT'] ?? 'cert.pem'
const key = process.env['KEY'] ?? 'key.pem'

const server = createServer({
  transports: [
    tcp({ port: Number(process.env['PORT'] ?? 1935) }),
    tls({ port: Number(process.env['TLS_PORT'] ?? 1936), certificate: certificateFiles({ cert, key }) }),
  ],
})
const listeners = await server.listen()
console.log(`ready on ports ${listeners.map(({ address }) => address.port).join(' ')}`)

process.once('SIGTERM', () => void server.close())
