// This example shows how pages talk to one another, and to the server, in one connection: a chat on a shared object, with
// messages of 500 characters at most, and a method that tells how many are there. Open http://127.0.0.1:8080/ in two windows.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer, deny, type Plugin } from 'rtmpipe'
import { http, type Mount, webScripts } from 'rtmpipe/http'

const html = await readFile(new URL('../chat.html', import.meta.url), 'utf8')
// The script that stands in the page, and no other, may run.
const [, script = ''] = /<script type="module">(.*?)<\/script>/s.exec(html) ?? []
const policy = `default-src 'self'; script-src 'self' 'sha256-${createHash('sha256').update(script).digest('base64')}'`
const page: Mount = async app =>
  void app.get('/', (_, reply) => reply.header('content-security-policy', policy).type('text/html').send(html))

const chat: Plugin = {
  name: 'chat',
  onSharedObject({ writes }) {
    const isLine = (write: (typeof writes)[number]) =>
      write.type === 'SendMessage' && write.args.every(arg => typeof arg === 'string' && arg.length <= 500)
    return writes.every(isLine)
      ? undefined
      : deny('SharedObject.NoWriteAccess', 'lines of text, 500 characters at most')
  },
  onCall: ({ method }) => (method === 'count' ? server.connections.size : undefined),
}

const web = http({ port: Number(process.env['PORT'] ?? 8080), mount: [webScripts(), page] })
const server = createServer({ transports: [web.webSocket()], plugins: [chat, web] })
const [listener] = await server.listen()
console.log(`ready on port ${listener?.address.port}`)

process.once('SIGTERM', () => void server.close())
