import cluster, { type Worker } from 'node:cluster'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Directory, type DirectoryWorker, type WorkerLine } from '@rtmpipe/cluster'
import type { Outcome } from '@rtmpipe/http'
import type { ServeConfig } from '../../sections/index.ts'
import { CliError } from '../cli-error.ts'
import type { ServerLog } from '../log.ts'
import { endOnSignals } from '../signals.ts'
import { PartialUpdateError } from '../partial-update-error.ts'
import { needsCertificate } from '../../sections/server.ts'
import { ServerCertificate } from '../certificate.ts'
import { ClosedPorts } from './closed-ports.ts'
import { WorkerSockets } from './http/worker-sockets.ts'
import { Ledger } from './ledger.ts'
import { Switchboard } from './switchboard.ts'
import { type ConfigureMessage, configureMessage, isConfigureRequest, isConfigureResult } from './messages.ts'
import {
  environmentOf,
  isColleagueMessage,
  isDirectoryMessage,
  isLedgerRequest,
  isPortsClosed,
  isStartMessage,
} from './messages.ts'
import type {
  AllPortsClosed,
  ColleagueMessage,
  LedgerAnswer,
  LedgerRequest,
  PortsClosed,
  StartMessage,
} from './messages.ts'
import { RestartPause } from './restart-pause.ts'
import { watchdogInterval } from '../service/service-manager.ts'
import { SignsOfLife } from './signs-of-life.ts'

/** For a worker to take over a configuration; nobody waits longer for one that hangs. Milliseconds. */
const configureTimeout = 10_000
/** Longer than a worker takes for itself. */
const shutdownTimeout = 4_500

/** For workers to close their ports, before those that have send their clients away. Milliseconds. */
const closingTimes = { SIGUSR2: 10_000, SIGTERM: 1_000 }

/** Worker processes that share the ports; those that die are replaced. */
export class ServeWorkers {
  readonly #folder: string
  readonly #log: ServerLog
  readonly #directory = new Directory()
  readonly #ledger = new Ledger()
  readonly #switchboard = new Switchboard((topic, question) => this.#steer(topic, question))
  readonly #reload: () => Promise<void>
  readonly #closedPorts = new ClosedPorts()
  /** By slot. */
  readonly #pauses: readonly RestartPause[]
  #configure: ConfigureMessage
  readonly #workers = new Set<Worker>()
  readonly #listening = new Set<Worker>()
  /** The one that has the house. */
  #first: Worker | undefined
  readonly #signs = signsOfLife(worker => this.#endHanging(worker))
  #urls: string[] = []
  #starts = 0
  #stopping = false

  private constructor(folder: string, configure: ConfigureMessage, log: ServerLog, reload: () => Promise<void>) {
    this.#folder = folder
    this.#reload = reload
    this.#configure = configure
    this.#pauses = Array.from({ length: configure.config.workers }, () => new RestartPause())
    this.#log = log
  }

  /**
   * Resolves when all of them listen.
   *
   * @param file of the configuration, if there is one
   * @param reload reads it again, when a worker is asked to
   * @throws CliError for what the user can mend
   */
  static async start(
    config: ServeConfig,
    file: string | undefined,
    log: ServerLog,
    reload: () => Promise<void>,
  ): Promise<ServeWorkers> {
    // The certificate is made once, before there are several of us.
    if (needsCertificate(config)) await ServerCertificate.open(config)
    const folder = await mkdtemp(join(tmpdir(), 'rtmpipe-'))
    await mkdir(WorkerSockets.folderOf(folder), { mode: 0o700 })
    const primary = new ServeWorkers(folder, configureMessage(config, file, newSecret()), log, reload)
    primary.#stopOnSignal()
    try {
      const urls = await Promise.all(Array.from({ length: config.workers }, (_, slot) => primary.#start(slot)))
      primary.#urls = urls[0] ?? []
      return primary
    } catch (error) {
      await primary.#stop()
      throw error
    }
  }

  get #folders(): readonly string[] {
    return [this.#folder, WorkerSockets.folderOf(this.#folder)]
  }

  /** What is bound. */
  get urls(): readonly string[] {
    return this.#urls
  }

  /**
   * Tells the workers, those that are there and those that come. Resolves when those that listen have taken it over.
   *
   * @throws CliError when they can't, PartialUpdateError when some can't: workers that come get what there was before
   */
  async update(config: ServeConfig, file: string | undefined): Promise<void> {
    const before = this.#configure
    this.#configure = configureMessage(config, file, before.secret)
    // One that is about to listen may have been told the last one, and hears of this one afterwards.
    for (const worker of this.#workers) if (!this.#listening.has(worker)) this.#tell(worker)
    const results = await Promise.all([...this.#listening].map(worker => this.#configured(worker)))
    const problems = results.filter(problem => problem !== undefined)
    const [problem] = problems
    if (problem !== undefined) {
      this.#configure = before
      if (problems.length === results.length) throw new CliError(problem)
      // Plugins' code can't be taken back from the others: it may be gone from the file.
      const stays = problems.length === 1 ? 'stays as it was' : 'stay as they were'
      throw new PartialUpdateError(`${problems.length} of ${results.length} workers ${stays}: ${problem}`)
    }
    this.#log.level = config.logLevel
  }

  /** Resolves with the worker's URLs when it listens. */
  async #start(slot: number): Promise<string[]> {
    return this.#urlsOf(await this.#fork(slot))
  }

  /** Another takes its place when it ends. @throws the system's error when there is no process to end */
  async #fork(slot: number): Promise<Worker> {
    this.#starts += 1
    const socket = join(this.#folder, `${this.#starts}.sock`)
    const worker = cluster.fork(environmentOf({ slot, socket }))
    if (worker.process.pid === undefined) {
      const [error] = await once(worker, 'error')
      throw error as Error
    }
    this.#workers.add(worker)
    if (slot === 0) this.#first = worker
    const known: DirectoryWorker = { path: socket, line: lineTo(worker, isDirectoryMessage) }
    this.#directory.add(known)
    const counted = lineTo<LedgerAnswer, LedgerRequest>(worker, isLedgerRequest)
    this.#ledger.add(counted)
    const colleague = lineTo<ColleagueMessage, ColleagueMessage>(worker, isColleagueMessage)
    this.#switchboard.add(colleague, slot)
    const closes = lineTo<AllPortsClosed, PortsClosed>(worker, isPortsClosed)
    this.#closedPorts.add(closes)
    worker.on('message', message => isConfigureRequest(message) && this.#tell(worker))
    this.#signs?.watch(worker)
    const started = performance.now()
    worker.once('exit', (code, signal) => {
      this.#directory.remove(known)
      this.#ledger.remove(counted)
      this.#switchboard.remove(colleague)
      this.#closedPorts.remove(closes)
      this.#workers.delete(worker)
      this.#listening.delete(worker)
      if (this.#stopping) return
      const pause = this.#pauseOf(slot, performance.now() - started)
      const when = pause === 0 ? '' : ` in ${pause / 1_000} s`
      this.#log.error(
        { worker: slot, code, signal, pause },
        `a worker died; its connections are lost, another takes its place${when}`,
      )
      for (const each of [socket, ...new WorkerSockets(socket).own]) void rm(each, { force: true })
      setTimeout(() => void this.#restart(slot), pause)
    })
    return worker
  }

  /** Resolves when it listens. */
  async #urlsOf(worker: Worker): Promise<string[]> {
    const message = await this.#firstWord(worker)
    if (message.type === 'listening') {
      this.#listening.add(worker)
      return message.urls
    }
    throw message.isUsage ? new CliError(message.message) : new Error(message.message)
  }

  /** Another takes its place. */
  #endHanging(worker: Worker): void {
    this.#log.error({ pid: worker.process.pid }, 'a worker hangs, and is ended')
    worker.process.kill('SIGKILL')
  }

  #stopOnSignal(): void {
    endOnSignals({
      drain: () => this.#endAll('SIGUSR2'),
      stop: () => this.#stop(),
      abandon: () => {
        for (const worker of this.#workers) worker.process.kill('SIGKILL')
        for (const folder of this.#folders) rmSync(folder, { recursive: true, force: true })
      },
    })
  }

  /** Asks every worker to end, and waits until they have; kills those that take too long. */
  async #stop(): Promise<void> {
    const timer = setTimeout(() => {
      for (const worker of this.#workers) worker.process.kill('SIGKILL')
    }, shutdownTimeout)
    await this.#endAll('SIGTERM')
    clearTimeout(timer)
  }

  /** What a worker is asked over HTTP, and concerns all of them. @returns an outcome */
  async #steer(topic: string, question: unknown): Promise<Outcome> {
    if (topic === 'reload') {
      try {
        await this.#reload()
        return { ok: true }
      } catch (error) {
        // Loaded here: the primary serves nothing.
        const { failureOf } = await import('@rtmpipe/http')
        return failureOf(topic, error)
      }
    }
    if (topic === 'others left') {
      await this.#othersLeft()
      return { ok: true }
    }
    const { timeout } = question as { readonly timeout?: number }
    const exit = () => process.exit(0)
    if (timeout !== undefined) setTimeout(() => void this.#stop().finally(exit), timeout).unref()
    void this.#endAll('SIGUSR2').finally(exit)
    return { ok: true }
  }

  /** All have ended but the first. If nobody drains all of them, others take their place: nobody waits for that. */
  async #othersLeft(): Promise<void> {
    if (!this.#stopping) return
    await Promise.all([...this.#workers].filter(worker => worker !== this.#first).map(gone))
  }

  /** From here on, no worker takes the place of another. */
  async #endAll(signal: 'SIGTERM' | 'SIGUSR2'): Promise<void> {
    this.#stopping = true
    this.#closedPorts.endAll(closingTimes[signal])
    await Promise.all([...this.#workers].map(worker => ended(worker, signal)))
    for (const folder of this.#folders) await rm(folder, { recursive: true, force: true })
  }

  async #restart(slot: number): Promise<void> {
    if (this.#stopping) return
    let worker: Worker | undefined
    try {
      worker = await this.#fork(slot)
      await this.#urlsOf(worker)
    } catch (error) {
      // Without a process there is no exit that would do it.
      const pause = worker === undefined ? this.#pauseOf(slot, 0) : undefined
      const next = pause !== undefined && { pause }
      this.#log.error({ worker: slot, err: error, ...next }, 'a worker could not be started again')
      if (pause !== undefined) setTimeout(() => void this.#restart(slot), pause)
    }
  }

  /** @param life milliseconds that the last worker of the slot lived */
  #pauseOf(slot: number, life: number): number {
    return this.#pauses[slot]?.after(life) ?? 0
  }

  /** What can't be told to a worker that is dying concerns nobody: its exit says the rest. */
  #tell(worker: Worker): void {
    if (worker.isConnected()) worker.send(this.#configure, () => {})
  }

  /** Resolves with the reason why it has not taken it over, if it says one. */
  #configured(worker: Worker): Promise<string | undefined> {
    return new Promise(resolve => {
      const end = (problem?: string) => {
        clearTimeout(timer)
        worker.off('message', take).off('exit', done)
        resolve(problem)
      }
      const done = () => end()
      const timer = setTimeout(() => {
        this.#log.warn({ pid: worker.process.pid }, 'a worker has not taken the configuration over yet')
        done()
      }, configureTimeout)
      const take = (message: unknown) => void (isConfigureResult(message) && end(message.problem))
      worker.on('message', take).on('exit', done)
      this.#tell(worker)
    })
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

/** Where systemd waits for ours, those of workers are waited for as long. */
function signsOfLife(isHanging: (worker: Worker) => void): SignsOfLife | undefined {
  const interval = watchdogInterval(process.env, process.pid)
  return interval === undefined ? undefined : new SignsOfLife(2 * interval, isHanging)
}

function ended(worker: Worker, signal: 'SIGTERM' | 'SIGUSR2'): Promise<void> {
  if (!worker.isDead()) worker.process.kill(signal)
  return gone(worker)
}

function gone(worker: Worker): Promise<void> {
  return new Promise(resolve => {
    if (worker.isDead()) resolve()
    else worker.once('exit', () => resolve())
  })
}

/** The way to a worker and back, for the messages of one kind. */
function lineTo<Out extends object, In>(worker: Worker, isOurs: (message: unknown) => boolean): WorkerLine<Out, In> {
  return {
    // What can't be told to a worker that is dying concerns nobody: its exit says the rest.
    send: message => void (worker.isConnected() && worker.send(message, () => {})),
    onMessage: take => void worker.on('message', message => isOurs(message) && take(message as In)),
  }
}

function newSecret(): string {
  return randomBytes(32).toString('base64url')
}
