import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { connect, type PlayStream, type PublishStream, type RtmpClient, tcp } from 'rtmpipe'
import { type ServerOptions, ServerProcess } from '../../support/server-process.ts'
import { isAlive, environmentOf } from './linux-process.ts'

/** A connection that is on its way to a worker when that is killed is answered by nobody. Milliseconds. */
const handoverTimeout = 2_000
/** For a worker to be there that serves a client; one that has died is started again first. Milliseconds. */
const patience = 30_000

/** `rtmpipe serve --workers N`, and clients of which one knows which worker serves them. */
export class WorkerServer implements AsyncDisposable {
  readonly process: ServerProcess
  readonly #clients: RtmpClient[] = []
  /** All that have been seen. */
  readonly #workers = new Set<number>()

  private constructor(process: ServerProcess) {
    this.process = process
  }

  static async start(count: number, { args = [], ...options }: ServerOptions = {}): Promise<WorkerServer> {
    const all = ['--workers', String(count), '--log-level', 'debug', ...args]
    const server = new WorkerServer(await ServerProcess.start({ ...options, args: all }))
    void server.workers
    return server
  }

  /** Process ids of the workers by slot. */
  get workers(): ReadonlyMap<number, number> {
    const { pid } = this.process
    const workers = new Map<number, number>()
    for (const child of readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number)) {
      const slot = environmentOf(child).get('RTMPIPE_WORKER_SLOT')
      if (slot === undefined || !isAlive(child)) continue
      workers.set(Number(slot), child)
      this.#workers.add(child)
    }
    return workers
  }

  kill(slot: number, signal: NodeJS.Signals = 'SIGKILL'): void {
    const pid = this.workers.get(slot)
    if (pid === undefined) throw this.process.program.failure(`has no worker ${slot}`)
    process.kill(pid, signal)
  }

  /** A client in the application `live`, and which worker serves it: the log tells. */
  async client(): Promise<[client: RtmpClient, slot: number]> {
    const { dial, ...rest } = tcp()
    let port: number | undefined
    const transport: ReturnType<typeof tcp> = {
      ...rest,
      async dial(url, options) {
        const connection = await dial(url, options)
        port = (connection.stream as Socket).localPort
        return connection
      },
    }
    const client = await connect(`${this.process.urls.rtmp}/live`, {
      transports: [transport],
      timeout: handoverTimeout,
    })
    this.#clients.push(client)
    const line = this.process.program.waitForLine(new RegExp(`"worker":(\\d+).*"remote":"127.0.0.1:${port}"`))
    // A worker that was killed takes what it has not written yet with it.
    const closed = new Promise<never>((_, reject) => {
      client.messages.once('close', () => reject(new Error('the connection was lost')))
    })
    const [, slot] = await Promise.race([line, closed])
    return [client, Number(slot)]
  }

  /** One that is served by that worker, as soon as it is there. */
  async clientOn(slot: number): Promise<RtmpClient> {
    const end = performance.now() + patience
    while (performance.now() < end) {
      const [client, servedBy] = await this.client().catch(() => [])
      if (servedBy === slot && client !== undefined) return client
      client?.messages.destroy()
    }
    throw this.process.program.failure(`gives no connection to worker ${slot}`)
  }

  /** How it ends is up to the test. */
  async playOn(slot: number, streamName: string): Promise<PlayStream> {
    const player = await (await this.clientOn(slot)).play(streamName, { follow: true })
    return player.on('error', () => {})
  }

  /** How it ends is up to the test. */
  async publishOn(slot: number, streamName: string): Promise<PublishStream> {
    const publisher = await (await this.clientOn(slot)).publish(streamName)
    return publisher.on('error', () => {})
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { messages } of this.#clients) messages.destroy()
    await this.process[Symbol.asyncDispose]()
    // They end without their primary; one that is stopped does not know yet.
    for (const pid of this.#workers) if (environmentOf(pid).has('RTMPIPE_WORKER_SLOT')) process.kill(pid, 'SIGKILL')
  }
}
