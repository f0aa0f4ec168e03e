import cluster, { type Worker } from 'node:cluster'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Directory, type DirectoryWorker, type WorkerRequest } from '@rtmpipe/cluster'
import type { Logger } from '@rtmpipe/session'
import { CliError } from '../cli-error.ts'
import type { ServeOptions } from '../serve-options.ts'
import { createTransports } from '../serve-transports.ts'
import { environmentOf, isDirectoryMessage, isStartMessage, type StartMessage } from './start-message.ts'

/** A worker that dies sooner than this is started again after as long, so that a fault at the start does not spin. */
const restartPause = 1_000
/** Longer than a worker takes for itself. */
const shutdownTimeout = 4_500

/** Starts worker processes that share the ports, and replaces those that die. Resolves with the URLs when all listen. */
export async function serveWithWorkers(options: ServeOptions, count: number, log: Logger): Promise<string[]> {
  if (options.rtmp === 'off' && options.rtmps === 'off') {
    throw new CliError(`--workers ${count}: tunnels are served by one process, so leave --rtmp or --rtmps on`)
  }
  // Wrong options are told once, and the certificate is made once, before there are several of us.
  await createTransports(options, log)
  const folder = await mkdtemp(join(tmpdir(), 'rtmpipe-'))
  const primary = new Primary(folder, log)
  primary.stopOnSignal()
  try {
    const urls = await Promise.all(Array.from({ length: count }, (_, slot) => primary.start(slot)))
    return urls[0] ?? []
  } catch (error) {
    await primary.stop()
    throw error
  }
}

class Primary {
  readonly #folder: string
  readonly #log: Logger
  readonly #directory = new Directory()
  #starts = 0
  #stopping = false

  constructor(folder: string, log: Logger) {
    this.#folder = folder
    this.#log = log
  }

  /** Resolves with the worker's URLs when it listens. */
  async start(slot: number): Promise<string[]> {
    this.#starts += 1
    const socket = join(this.#folder, `${this.#starts}.sock`)
    const worker = cluster.fork(environmentOf({ slot, socket }))
    const known = this.#join(worker, socket)
    const started = performance.now()
    worker.once('exit', (code, signal) => {
      this.#directory.remove(known)
      if (this.#stopping) return
      this.#log.error(
        { worker: slot, code, signal },
        'a worker died; its connections are lost, another takes its place',
      )
      void rm(socket, { force: true })
      const pause = performance.now() - started < restartPause ? restartPause : 0
      setTimeout(() => this.#restart(slot), pause)
    })
    const message = await this.#firstWord(worker)
    if (message.type === 'listening') return message.urls
    throw message.isUsage ? new CliError(message.message) : new Error(message.message)
  }

  stopOnSignal(): void {
    const stop = () => void this.stop().finally(() => process.exit(0))
    process.once('SIGTERM', stop)
    process.once('SIGINT', stop)
  }

  /** Asks every worker to end, and waits until they have. */
  async stop(): Promise<void> {
    this.#stopping = true
    const workers = Object.values(cluster.workers ?? {}).filter(worker => worker !== undefined)
    const timer = setTimeout(() => {
      for (const worker of workers) worker.process.kill('SIGKILL')
    }, shutdownTimeout)
    await Promise.all(workers.map(ended))
    clearTimeout(timer)
    await rm(this.#folder, { recursive: true, force: true })
  }

  #restart(slot: number): void {
    if (this.#stopping) return
    this.start(slot).catch((error: Error) =>
      this.#log.error({ worker: slot, err: error }, 'a worker could not be started again'),
    )
  }

  #join(worker: Worker, path: string): DirectoryWorker {
    const known: DirectoryWorker = {
      path,
      line: {
        // What can't be told to a worker that is dying concerns nobody: its exit says the rest.
        send: message => void (worker.isConnected() && worker.send(message, () => {})),
        onMessage: take =>
          void worker.on('message', message => isDirectoryMessage(message) && take(message as WorkerRequest)),
      },
    }
    this.#directory.add(known)
    return known
  }

  /** Stays open when the worker ends because we do. */
  #firstWord(worker: Worker): Promise<StartMessage> {
    return new Promise((resolve, reject) => {
      worker.on('message', (message: unknown) => isStartMessage(message) && resolve(message))
      worker.on('error', reject)
      worker.once('exit', code => {
        if (!this.#stopping) reject(new Error(`a worker ended with code ${code} before it was listening`))
      })
    })
  }
}

function ended(worker: Worker): Promise<void> {
  return new Promise(resolve => {
    if (worker.isDead()) return resolve()
    worker.once('exit', () => resolve())
    worker.process.kill('SIGTERM')
  })
}
