// This example shows how to take everything by one port, such as 443 where firewalls let nothing else pass: 1. RTMP, RTMPS,
// RTMPT and RTMPTS, told apart by their first bytes, 2. health and pages of your own beside them, over HTTP and HTTPS.
import { certificateFiles, createServer, onePort } from 'rtmpipe'
import { health, http, type Mount } from 'rtmpipe/http'

const certificate = certificateFiles({ cert: process.env['CERT'] ?? 'cert.pem', key: process.env['KEY'] ?? 'key.pem' })
const port = onePort({ port: Number(process.env['PORT'] ?? 443), tls: { certificate } })
const hello: Mount = async app => void app.get('/hello', async () => 'hello\n')

const server = createServer({ transports: [port], plugins: [http({ onePort: port, mount: [health(), hello] })] })
const [listener] = await server.listen()
console.log(`ready on port ${listener?.address.port}`)

process.once('SIGTERM', () => void server.close())
