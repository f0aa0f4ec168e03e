import cluster from 'node:cluster'
import { rmdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import {
  cluster as clusterPlugin,
  type PrimaryMessage,
  type WorkerLine,
  type WorkerRequest,
  WorkersFabric,
} from '@rtmpipe/cluster'
import type { StreamKey } from '@rtmpipe/session'
import { ConfigError } from '../../config/config-error.ts'
import type { ServeConfig } from '../../sections/index.ts'
import { CliError } from '../cli-error.ts'
import { limitsOfAll } from '../../sections/several-workers.ts'
import { createLog, type ServerLog } from '../log.ts'
import { ServeProcess } from '../process.ts'
import { LedgerLine } from './ledger-line.ts'
import { LimitsOfAll } from './limits-of-all.ts'
import {
  type ConfigureMessage,
  type ConfigureRequest,
  type ConfigureResult,
  configOf,
  isAllPortsClosed,
  isConfigureMessage,
  type LedgerAnswer,
  type LedgerRequest,
  type PortsClosed,
} from './messages.ts'
import { isDirectoryMessage, isLedgerAnswer, type StartMessage, workerEnvironment } from './messages.ts'

/** One of several processes that serve the same ports. Tells the primary when it listens, or why it can't. */
export async function serveAsWorker(): Promise<void> {
  const { slot, socket } = workerEnvironment(process.env)
  cluster.worker?.once('disconnect', () => {
    // Without the primary there is nobody to restart us, nor to know who publishes what, nor to clear up.
    if (cluster.worker?.exitedAfterDisconnect !== true) removeSocket(socket)
    process.exit(1)
  })
  // It is the primary that reads the configuration again.
  process.on('SIGHUP', () => {})
  const told = new Told()
  try {
    const message = await told.next()
    const config = forSlot(await configOf(message), slot)
    const log = createLog(config.logLevel).child({ worker: slot })
    const fabric = await WorkersFabric.open(line<PrimaryMessage>(isDirectoryMessage), socket)
    const ledger = new LedgerLine(line<LedgerAnswer>(isLedgerAnswer))
    const limits = new LimitsOfAll(ledger)
    limits.limits = await limitsOfAll(config)
    const others = {
      logins: { secret: message.secret, spend: ledger.spend.bind(ledger) },
      publish: (key: StreamKey) => fabric.isElsewhere(key),
    }
    const server = await ServeProcess.start(config, log, [limits, clusterPlugin(fabric)], others, allPortsClosed)
    tell({ type: 'listening', urls: server.urls })
    void follow(told, slot, log, async next => {
      await server.update(next)
      limits.limits = await limitsOfAll(next)
    })
  } catch (error) {
    const isUsage = error instanceof CliError || error instanceof ConfigError
    tell({ type: 'failed', message: (error as Error).message, isUsage })
    cluster.worker?.disconnect()
  }
}

/** Says that this worker takes nobody new any more; resolves when no other does that ends with it. */
function allPortsClosed(): Promise<void> {
  const heard = new Promise<void>(resolve => {
    process.on('message', message => isAllPortsClosed(message) && resolve())
  })
  tell({ type: 'ports closed' })
  return heard
}

/** And the folder, when no other worker has its socket there any more. */
function removeSocket(path: string): void {
  try {
    rmSync(path, { force: true })
    rmdirSync(dirname(path))
  } catch {
    // Others are still there.
  }
}

/** Takes over one configuration after the other. */
async function follow(
  told: Told,
  slot: number,
  log: ServerLog,
  update: (config: ServeConfig) => Promise<void>,
): Promise<void> {
  for (;;) {
    try {
      await update(forSlot(await configOf(await told.next()), slot))
      tell({ type: 'configured' })
    } catch (error) {
      log.error({ err: error }, 'the configuration can not be taken over, and stays as it was')
      tell({ type: 'configured', problem: (error as Error).message })
    }
  }
}

/** A tunnel session's requests come on any number of connections: they must all reach the same process. */
function forSlot(config: ServeConfig, slot: number): ServeConfig {
  return slot === 0 ? config : { ...config, rtmpt: 'off', rtmpts: 'off' }
}

/** What the primary has told of the configuration; only the newest counts. */
class Told {
  #newest: ConfigureMessage | undefined
  #wake: (() => void) | undefined

  constructor() {
    process.on('message', message => {
      if (!isConfigureMessage(message)) return
      this.#newest = message
      this.#wake?.()
    })
    tell({ type: 'configure?' })
  }

  async next(): Promise<ConfigureMessage> {
    if (this.#newest === undefined) await new Promise<void>(resolve => (this.#wake = resolve))
    const newest = this.#newest as unknown as ConfigureMessage
    this.#newest = undefined
    return newest
  }
}

/** A line that is cut is noticed by `disconnect`: not to be told here keeps it from being an uncaught error. */
function tell(
  message: StartMessage | ConfigureRequest | ConfigureResult | WorkerRequest | LedgerRequest | PortsClosed,
): void {
  process.send?.(message, undefined, undefined, () => {})
}

/** A line to the primary, for the messages of one kind. */
function line<In>(isOurs: (message: unknown) => boolean): WorkerLine<WorkerRequest | LedgerRequest, In> {
  return {
    send: tell,
    onMessage: take => void process.on('message', message => isOurs(message) && take(message as In)),
  }
}
