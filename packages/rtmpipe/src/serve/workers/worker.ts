import cluster from 'node:cluster'
import { rmdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import {
  cluster as clusterPlugin,
  LayeredFabric,
  type PrimaryMessage,
  type WorkerLine,
  type WorkerRequest,
  WorkersFabric,
} from '@rtmpipe/cluster'
import type { OnePort } from '@rtmpipe/transport-one-port'
import { ConfigError } from '../../config/config-error.ts'
import type { ServeConfig } from '../../sections/index.ts'
import type { OtherWorkers } from '../../sections/plugin-section.ts'
import { CliError } from '../cli-error.ts'
import { isOn, servesHttp } from '../../sections/server.ts'
import { limitsOfAll } from '../../sections/several-workers.ts'
import { createLog, type ServerLog } from '../log.ts'
import { MachineTunnels } from '../machine-tunnels.ts'
import { openNats } from '../nats.ts'
import { ServeProcess } from '../process.ts'
import { sharesUdp } from '../transports.ts'
import { handOverHttp, takeHandedOver } from './http-handover.ts'
import { Colleagues } from './colleagues.ts'
import { houseOfWorker } from './house-of-worker.ts'
import { watchdogInterval } from '../service/service-manager.ts'
import { WorkerSockets } from './http/worker-sockets.ts'
import { LedgerLine } from './ledger-line.ts'
import { LimitsOfAll } from './limits-of-all.ts'
import {
  type AliveMessage,
  type ColleagueMessage,
  type ConfigureMessage,
  type ConfigureRequest,
  type ConfigureResult,
  configOf,
  isColleagueMessage,
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
  const sockets = new WorkerSockets(socket)
  cluster.worker?.once('disconnect', () => {
    // Without the primary there is nobody to restart us, nor to know who publishes what, nor to clear up.
    if (cluster.worker?.exitedAfterDisconnect !== true) removeSockets(socket, sockets)
    process.exit(1)
  })
  // It is the primary that reads the configuration again.
  process.on('SIGHUP', () => {})
  const told = new Told()
  try {
    const message = await told.next()
    const config = ofWorker(await configOf(message), slot)
    const log = createLog(config.logLevel).child({ worker: slot })
    const local = await WorkersFabric.open(line<PrimaryMessage>(isDirectoryMessage), socket)
    const remote = await openNats(config, log)
    const fabric = remote === undefined ? local : new LayeredFabric(local, remote)
    const ledger = new LedgerLine(line<LedgerAnswer>(isLedgerAnswer))
    const limits = new LimitsOfAll(ledger)
    limits.limits = await limitsOfAll(config)
    const colleagues = new Colleagues(line<ColleagueMessage>(isColleagueMessage))
    const stats = remote && (() => remote.stats)
    const machine = await MachineTunnels.open(config, remote, message.secret, sockets.number)
    const house = servesHttp(config)
      ? await houseOfWorker(colleagues, slot, sockets, config, machine, stats)
      : { machine }
    const onPort = (port: OnePort) => (slot === 0 ? takeHandedOver(port, socket) : handOverHttp(port, socket))
    const others: OtherWorkers = {
      logins: { secret: message.secret, spend: ledger.spend.bind(ledger) },
      publish: key => local.isElsewhere(key),
    }
    // Who drains is asked over HTTP how far it is: the first worker stays as long as the others.
    const left = slot === 0 && servesHttp(config) && { left: () => colleagues.ask('others left', {}, 'primary') }
    const plugins = [limits, clusterPlugin(fabric)]
    const server = await ServeProcess.start(config, log, { ...house, onPort }, plugins, others, {
      allPortsClosed,
      ...left,
    })
    tell({ type: 'listening', urls: server.urls })
    giveSigns()
    void follow(told, log, async next => {
      await server.update(next)
      limits.limits = await limitsOfAll(next)
    })
  } catch (error) {
    const isUsage = error instanceof CliError || error instanceof ConfigError
    tell({ type: 'failed', message: (error as Error).message, isUsage })
    cluster.worker?.disconnect()
  }
}

/** A port of UDP that can't be shared is the first worker's. */
function ofWorker(config: ServeConfig, slot: number): ServeConfig {
  const { rtmfp } = config
  return slot === 0 || !isOn(rtmfp) || sharesUdp(rtmfp) ? config : { ...config, rtmfp: 'off' }
}

/** Of life, where systemd waits for those of the primary; the first at once. */
function giveSigns(): void {
  const interval = watchdogInterval(process.env, process.ppid)
  if (interval === undefined) return
  tell({ type: 'alive' })
  setInterval(() => tell({ type: 'alive' }), interval).unref()
}

/** Says that this worker takes nobody new any more; resolves when no other does that ends with it. */
function allPortsClosed(): Promise<void> {
  const heard = new Promise<void>(resolve => {
    process.on('message', message => isAllPortsClosed(message) && resolve())
  })
  tell({ type: 'ports closed' })
  return heard
}

/** And the folders, when no other worker has a socket there any more. */
function removeSockets(path: string, sockets: WorkerSockets): void {
  for (const each of [path, ...sockets.all]) rmSync(each, { force: true })
  for (const folder of [dirname(path), sockets.folder]) {
    try {
      rmdirSync(folder)
    } catch {
      // Others are still there.
    }
  }
}

/** Takes over one configuration after the other. */
async function follow(told: Told, log: ServerLog, update: (config: ServeConfig) => Promise<void>): Promise<void> {
  for (;;) {
    try {
      await update(await configOf(await told.next()))
      tell({ type: 'configured' })
    } catch (error) {
      log.error({ err: error }, 'the configuration can not be taken over, and stays as it was')
      tell({ type: 'configured', problem: (error as Error).message })
    }
  }
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

type Said =
  | StartMessage
  | AliveMessage
  | ConfigureRequest
  | ConfigureResult
  | WorkerRequest
  | LedgerRequest
  | ColleagueMessage
  | PortsClosed

/** A line that is cut is noticed by `disconnect`: not to be told here keeps it from being an uncaught error. */
function tell(message: Said): void {
  process.send?.(message, undefined, undefined, () => {})
}

/** A line to the primary, for the messages of one kind. */
function line<In>(
  isOurs: (message: unknown) => boolean,
): WorkerLine<WorkerRequest | LedgerRequest | ColleagueMessage, In> {
  return {
    send: tell,
    onMessage: take => void process.on('message', message => isOurs(message) && take(message as In)),
  }
}
