// This example shows how to let viewers watch in a browser, in a page of your own: browser-player.html plays what is
// published as `rtmp://127.0.0.1/live/stream`. Open http://127.0.0.1:8080/ and publish with OBS or ffmpeg.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer, tcp } from 'rtmpipe'
import { http, type Mount, webScripts } from 'rtmpipe/http'

const { PORT = '1935', HTTP_PORT = '8080' } = process.env

const html = await readFile(new URL('../browser-player.html', import.meta.url), 'utf8')
// The script that stands in the page, and no other, may run.
const [, script = ''] = /<script type="module">(.*?)<\/script>/s.exec(html) ?? []
const policy = `default-src 'self'; media-src 'self' blob:; script-src 'self' 'sha256-${createHash('sha256').update(script).digest('base64')}'`
const page: Mount = async app =>
  void app.get('/', (_, reply) => reply.header('content-security-policy', policy).type('text/html').send(html))

const web = http({ port: Number(HTTP_PORT), mount: [webScripts(), page] })
const server = createServer({ transports: [tcp({ port: Number(PORT) }), web.webSocket()], plugins: [web] })
const [rtmp, webSocket] = await server.listen()
console.log(`ready on ports ${rtmp?.address.port} ${webSocket?.address.port}`)

process.once('SIGTERM', () => void server.close())
