// This example shows how to let in whom your identity provider knows: the claim `rtmp` of a JSON Web Token says what may be
// published and played (`rtmp://host/live/name?token=…`). JWKS is the URL of the provider's keys.
import { jwtAuth } from 'rtmpipe/plugins/auth'
import { createServer, tcp } from 'rtmpipe'

const { JWKS = 'https://id.example.org/jwks.json', PORT = '1935' } = process.env

const server = createServer({ transports: [tcp({ port: Number(PORT) })] })
server.use(jwtAuth({ key: { jwks: JWKS }, audience: 'live' }))
const [listener] = await server.listen()
console.log(`ready on port ${listener?.address.port}`)

process.once('SIGTERM', () => void server.close())
