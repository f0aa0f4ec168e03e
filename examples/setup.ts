// This example shows how to: 1. open a database before anybody is let in, 2. not start at all when that fails, 3. show
// what goes on in the server (`client.call('streams')`). The environment variable KEYS names a file with a key per line.
import { readFile } from 'node:fs/promises'
import {
  type CallEvent,
  createServer,
  deny,
  type Host,
  type Plugin,
  type PublishEvent,
  type ServerView,
  tcp,
} from 'rtmpipe'

class KeyDatabase implements Plugin {
  readonly name = 'key-database'
  #keys: ReadonlySet<string> = new Set()
  #server: ServerView | undefined

  async setup({ server, log, signal }: Host) {
    const lines = await readFile(process.env['KEYS'] ?? 'keys.txt', { encoding: 'utf8', signal })
    this.#keys = new Set(lines.split('\n').filter(line => line !== ''))
    this.#server = server
    log.info({ keys: this.#keys.size }, 'the database is open')
  }

  onPublish({ query }: PublishEvent) {
    return this.#keys.has(query.get('key') ?? '') ? undefined : deny('NetStream.Publish.Denied', 'wrong key')
  }

  onCall({ method }: CallEvent) {
    if (method !== 'streams') return undefined
    return [...(this.#server?.streams ?? [])].map(({ app, name, viewers }) => ({ app, name, viewers }))
  }
}

const server = createServer({ transports: [tcp({ port: Number(process.env['PORT'] ?? 1935) })] })
server.use(new KeyDatabase())
try {
  const [listener] = await server.listen()
  console.log(`ready on port ${listener?.address.port}`)
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
}

process.once('SIGTERM', () => void server.close())
