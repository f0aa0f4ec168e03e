// This example shows how to let in whom you know: 1. publishers by a key (`PUBLISH_KEY`), 2. players by URLs that are
// signed and expire (`SIGNING_KEY`), 3. nobody from a network you do not like.
import { ipFilter, publishKeys, signedUrls, signUrl } from 'rtmpipe/plugins/auth'
import { createServer, tcp } from 'rtmpipe'

const { PORT = '1935', PUBLISH_KEY = 'change-me', SIGNING_KEY = 'change-me-too' } = process.env

const server = createServer({ transports: [tcp({ port: Number(PORT) })] })
server.use(ipFilter({ deny: ['192.0.2.0/24'] }))
server.use(publishKeys({ keys: [PUBLISH_KEY] }))
server.use(signedUrls({ keys: SIGNING_KEY, actions: ['play'] }))
const [listener] = await server.listen()

const url = `rtmp://127.0.0.1:${listener?.address.port}/live/name`
const expires = new Date(Date.now() + 3_600_000)
console.log(`publish to ${url}?key=…`)
console.log(`play for an hour: ${signUrl(url, { key: SIGNING_KEY, action: 'play', expires })}`)
console.log(`ready on port ${listener?.address.port}`)

process.once('SIGTERM', () => void server.close())
