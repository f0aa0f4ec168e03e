// This example shows how to write a plugin as a class: 1. ask for what it needs with @inject, 2. refuse publishers
// without the right key (`rtmp://host/live/name?key=KEY`), 3. let it wait for a database.
import { createServer, deny, type Plugin, type PublishEvent, tcp } from 'rtmpipe'
import { inject, type InjectionToken } from 'tsyringe'

interface KeyStore {
  isValid(app: string, key: string): Promise<boolean>
}
const KEY_STORE: InjectionToken<KeyStore> = Symbol.for('KeyStore')

class KeyAuth implements Plugin {
  readonly name = 'key-auth'
  readonly #keys: KeyStore

  constructor(@inject(KEY_STORE) keys: KeyStore) {
    this.#keys = keys
  }

  async onPublish({ app, query }: PublishEvent) {
    if (await this.#keys.isValid(app, query.get('key') ?? '')) return undefined
    return deny('NetStream.Publish.Denied', 'wrong key')
  }
}

const keys: KeyStore = { isValid: async (app, key) => app === 'live' && key === 'secret' }
const server = createServer({ transports: [tcp({ port: Number(process.env['PORT'] ?? 1935) })] })
server.provide(KEY_STORE, keys).use(KeyAuth)
const [listener] = await server.listen()
console.log(`ready on port ${listener?.address.port}`)

process.once('SIGTERM', () => void server.close())
