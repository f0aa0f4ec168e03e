import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { connect, type PlayStream, type RtmpClient, tcp } from 'rtmpipe'
import { ServerProcess } from '../../support/server-process.ts'

/** `rtmpipe serve --workers N`, and clients of which one knows which worker serves them. */
export class WorkerServer implements AsyncDisposable {
  readonly process: ServerProcess
  readonly #clients: RtmpClient[] = []

  private constructor(process: ServerProcess) {
    this.process = process
  }

  static async start(count: number): Promise<WorkerServer> {
    const args = ['--workers', String(count), '--log-level', 'debug']
    return new WorkerServer(await ServerProcess.start({ args }))
  }

  /** Process ids of the workers by slot. */
  get workers(): ReadonlyMap<number, number> {
    const { pid } = this.process
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number)
    return new Map(children.flatMap(child => slotOf(child).map(slot => [slot, child] as const)))
  }

  kill(slot: number, signal: NodeJS.Signals = 'SIGKILL'): void {
    const pid = this.workers.get(slot)
    if (pid === undefined) throw this.process.program.failure(`has no worker ${slot}`)
    process.kill(pid, signal)
  }

  /** A client in the application `live` that is served by that worker, when it is there. */
  async clientOn(slot: number): Promise<RtmpClient> {
    const patience = performance.now() + 10_000
    while (performance.now() < patience) {
      const [client, servedBy] = await this.#client()
      if (servedBy === slot) return client
      client.messages.destroy()
    }
    throw this.process.program.failure(`gives no connection to worker ${slot}`)
  }

  async playOn(slot: number, streamName: string): Promise<PlayStream> {
    const player = await (await this.clientOn(slot)).play(streamName, { follow: true })
    // How it ends is up to the test.
    return player.on('error', () => {})
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { messages } of this.#clients) messages.destroy()
    const pids = [...this.workers.values()]
    await this.process[Symbol.asyncDispose]()
    // They end without their primary, but a stopped one does not know yet.
    for (const pid of pids) kill(pid)
  }

  /** Connects, and reads in the log who serves it. */
  async #client(): Promise<[client: RtmpClient, slot: number]> {
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
    const client = await connect(`${this.process.urls.rtmp}/live`, { transports: [transport] })
    this.#clients.push(client)
    const line = await this.process.program.waitForLine(new RegExp(`"worker":(\\d+).*"remote":"127.0.0.1:${port}"`))
    return [client, Number(line[1])]
  }
}

/** Whether there is such a process; one that has ended but was not asked for counts as gone. */
export function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

/** Empty for one that is about to end or only begins. */
function slotOf(pid: number): number[] {
  try {
    const [, slot] = /RTMPIPE_WORKER_SLOT=(\d+)/.exec(readFileSync(`/proc/${pid}/environ`, 'utf8')) ?? []
    return slot === undefined ? [] : [Number(slot)]
  } catch {
    return []
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has gone already.
  }
}
