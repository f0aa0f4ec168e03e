import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex, Writable } from 'node:stream'
import { publisherReturn } from '../../../src/plugins/publisher-return.ts'
import { record } from '../../../src/plugins/record.ts'
import {
  type ConnectOptions,
  connect,
  createServer,
  httpTunnel,
  messageTransform,
  type Plugin,
  type PublishStream,
  type RtmpClient,
  type RtmpMessage,
  type Server,
  type Stage as StageOfServer,
  type Subscription,
  tcp,
  type Transport,
  type TransportConnection,
} from '../../../src/index.ts'
import { readFlv } from '../flv.ts'
import { Keeper } from './keeper.ts'

/** What differs between the servers of the test. */
export interface StageOptions {
  readonly gopCache?: boolean
  readonly mergeWindow?: number
  readonly stages?: readonly StageOfServer[]
}

/** TCP whose socket the test has too. */
class OpenLine implements Transport {
  readonly name = 'open'
  readonly schemes = ['rtmp']
  #socket: Duplex | undefined

  get socket(): Duplex {
    if (this.#socket === undefined) throw new Error('the transport given was not used')
    return this.#socket
  }

  listen(): never {
    throw new Error('for clients only')
  }

  async dial(url: URL): Promise<TransportConnection> {
    const connection = await tcp().dial(url)
    this.#socket = connection.stream
    return connection
  }
}

/** Next turn of the event loop. */
export const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

const who = { transport: 'test', remote: { address: '127.0.0.1', port: 0 } }

/** A server over TCP, its clients, and everybody who keeps messages. */
export class Stage implements AsyncDisposable {
  readonly keepers: { readonly keeper: Keeper; readonly isWhole: boolean }[] = []
  /** What a plugin's Transforms have seen. */
  readonly #transformed = new Keeper('Transform of a plugin')
  readonly #server: Server
  readonly #folder: string
  readonly #clients: RtmpClient[] = []

  /** Late players begin with the newest group of pictures. */
  readonly hasGopCache: boolean

  private constructor(server: Server, folder: string, plugins: Keeper, hasGopCache: boolean) {
    this.hasGopCache = hasGopCache
    this.#server = server
    this.#folder = folder
    this.#transformed = plugins
  }

  static async set(options: StageOptions): Promise<Stage> {
    const folder = await mkdtemp(join(tmpdir(), 'reused-memory-'))
    const kept = new Keeper('Transform of a plugin')
    const server = createServer({
      transports: [tcp({ port: 0 }), httpTunnel({ port: 0 })],
      plugins: [
        publisherReturn({ policy: 'resume' }),
        record({ dir: folder, whenSlow: 'backpressure', when: ({ streamName }) => streamName === 'recorded' }),
        keeping(kept),
      ],
      limits: { maxPlayerLag: 3_600_000, maxPlayerQueueBytes: 1024 ** 3 },
      ...options,
    })
    await server.listen()
    return new Stage(server, folder, kept, options.gopCache !== false)
  }

  async connect(options: ConnectOptions = {}, scheme: 'rtmp' | 'rtmpt' = 'rtmp'): Promise<RtmpClient> {
    const port = this.#server.listeners.find(listener => listener.scheme === scheme)?.address.port
    const client = await connect(`${scheme}://127.0.0.1:${port}/live`, options)
    this.#clients.push(client)
    return client
  }

  /** A publisher whose socket the test may write to. */
  async publish(name: string): Promise<{ publisher: PublishStream; client: RtmpClient; socket: Duplex }> {
    const line = new OpenLine()
    const client = await this.connect({ transports: [line] })
    const publisher = await client.publish(name)
    publisher.on('error', () => {})
    return { publisher, client, socket: line.socket }
  }

  /** A player over TCP. */
  async play(label: string, name: string, isWhole: boolean, options: ConnectOptions = {}): Promise<Keeper> {
    const client = await this.connect(options)
    return this.#keep(Keeper.of(`${label} of ${name}`, await client.play(name, { follow: true })), isWhole)
  }

  async playTunnelled(name: string): Promise<Keeper> {
    const client = await this.connect({}, 'rtmpt')
    return this.#keep(Keeper.of(`player over HTTP of ${name}`, await client.play(name, { follow: true })), true)
  }

  /** A player that stops reading once it plays. @returns what lets it go on */
  async playSlowly(name: string): Promise<{ keeper: Keeper; lag: () => number; resume: () => void }> {
    const line = new OpenLine()
    const keeper = await this.play('slow player', `${name}?slow`, true, { transports: [line] })
    line.socket.pause()
    const lag = () => {
      const play = [...this.#server.players].find(({ query }) => query.has('slow'))
      if (play === undefined) throw new Error('the slow player is gone')
      return play.lag.bytes
    }
    return { keeper, lag, resume: () => void line.socket.resume() }
  }

  async playInProcess(name: string): Promise<Keeper> {
    const messages = await this.#server.play('live', name, { ...who, follow: true })
    return this.#keep(Keeper.of(`player in the process of ${name}`, messages), true)
  }

  subscribe(name: string, isWhole: boolean): Keeper {
    const subscription = this.#server.streams.get('live', name)?.subscribe({
      follow: true,
      maxBytes: 1024 ** 3,
      maxDuration: 3_600_000,
    }) as Subscription
    return this.#keep(Keeper.of(`subscription of ${name}`, subscription), isWhole)
  }

  /** Ends everything, and gives what is wrong with what was kept. */
  async faults(): Promise<string[]> {
    await this.close()
    const recorded = await this.#recorded()
    const all = [...this.keepers, { keeper: this.#transformed, isWhole: false }, { keeper: recorded, isWhole: false }]
    const idle = all.filter(({ keeper }) => keeper.length === 0).map(({ keeper }) => `${keeper.name}: has nothing`)
    return [...idle, ...all.flatMap(({ keeper, isWhole }) => keeper.faults(isWhole))]
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
    await rm(this.#folder, { recursive: true, force: true })
  }

  #keep(keeper: Keeper, isWhole: boolean): Keeper {
    this.keepers.push({ keeper, isWhole })
    return keeper
  }

  /** Ends all clients and the server. */
  async close(): Promise<void> {
    for (const client of this.#clients.splice(0)) await client.close()
    await this.#server.close()
  }

  async #recorded(): Promise<Keeper> {
    const keeper = new Keeper('recording')
    const files = await readdir(join(this.#folder, 'live'))
    for (const file of files)
      for (const message of await readFlv(join(this.#folder, 'live', file))) keeper.take(message)
    return keeper
  }
}

/** Transforms that keep what goes through them: of the publisher for ever and one message behind, of a player a while. */
function keeping(kept: Keeper): Plugin {
  return {
    name: 'keeping',
    bindPublish({ streamName }) {
      if (streamName !== 'transformed') return undefined
      let last: RtmpMessage | undefined
      return messageTransform(async message => {
        kept.take(message)
        const [before] = [last]
        last = message
        if (message.timestamp % 5 === 0) await turn()
        return before
      })
    },
    bindPlay({ query }) {
      if (!query.has('transform')) return undefined
      return messageTransform(async message => {
        if (message.timestamp % 3 === 0) await turn()
        return message
      })
    },
  }
}

/** Publishes messages, at most a few in each turn of the event loop: only the bytes of short batches are used again. */
export async function send(publisher: Writable, messages: Iterable<RtmpMessage>): Promise<void> {
  let count = 0
  for (const message of messages) {
    if (publisher.destroyed) throw new Error('the publisher is gone', { cause: publisher.errored ?? undefined })
    if (!publisher.write(message)) await Promise.race([once(publisher, 'drain'), once(publisher, 'close')])
    count += 1
    if (count % 3 === 0) await turn()
  }
}
