import cluster from 'node:cluster'
import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { cluster as clusterPlugin } from '@rtmpipe/cluster'
import type { GivenOptions } from '../config/command-line-layer.ts'
import { makeAdminToken } from './admin-token.ts'
import type { ServeConfig } from '../sections/index.ts'
import { createLog, type ServerLog } from './log.ts'
import { Reload, type Reloadable } from './reload.ts'
import { checkFiles, checkWorkers, type LoadedConfig, loadServeConfig } from './load.ts'
import { MachineTunnels } from './machine-tunnels.ts'
import { openNats } from './nats.ts'
import { ServeProcess } from './process.ts'
import { printStartCard } from './start-card.ts'
import { checkSockets, inheritedSockets } from './service/inherited-sockets.ts'
import { ServiceManager } from './service/service-manager.ts'
import { ServeWorkers } from './workers/primary.ts'
import { serveAsWorker } from './workers/worker.ts'

/** `rtmpipe serve`: runs until SIGTERM or SIGINT. @throws CliError or ConfigError for what the user can mend */
export async function serve(options: GivenOptions): Promise<void> {
  if (cluster.isWorker) return serveAsWorker()
  const reload = new Reload()
  try {
    await start(options, reload)
  } catch (error) {
    reload.cancel()
    throw error
  }
}

async function start(options: GivenOptions, reload: Reload): Promise<void> {
  const load = async (before?: string): Promise<LoadedConfig> => {
    const loaded = await loadServeConfig(options, before)
    await checkFiles(loaded)
    return loaded
  }
  let { config, file } = await load()
  checkSockets(inheritedSockets(process.env, process.pid), config)
  const log = createLog(config.logLevel)
  const made = await makeAdminToken(config)
  const server = await open(config, file, log, reload).catch(async (error: unknown) => {
    // Nobody has been shown it.
    if (made !== undefined) await rm(made.file, { force: true })
    throw error
  })
  for (const url of server.urls) process.stdout.write(`rtmpipe listening on ${url}\n`)
  process.stdout.write('rtmpipe ready\n')
  printStartCard(server.urls, log, {
    needsKey: config.auth?.publishKeys !== undefined,
    hasPages: config.web,
    hasHls: config.hls !== undefined,
    hasFlv: config.httpFlv !== undefined,
    made,
  })
  const manager = ServiceManager.of(process.env, log)
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => manager?.stopping())
  process.once('SIGUSR2', () => manager?.draining())
  manager?.ready()
  const target: Reloadable = {
    async load() {
      ;({ config, file } = await load(file))
      return config
    },
    async update(next) {
      checkWorkers(next)
      await server.update(next, file)
    },
    begins: () => manager?.reloading(),
    ends: () => manager?.ready(),
  }
  reload.begin(config, target, log)
}

function open(
  config: ServeConfig,
  file: string | undefined,
  log: ServerLog,
  reload: Reload,
): Promise<ServeProcess | ServeWorkers> {
  const again = () => reload.ask()
  if (config.workers > 1) return ServeWorkers.start(config, file, log, again)
  return startAlone(config, log, again)
}

/** One process, which other machines may be connected with. */
async function startAlone(config: ServeConfig, log: ServerLog, reload: () => Promise<void>): Promise<ServeProcess> {
  const fabric = await openNats(config, log)
  try {
    const machine = await MachineTunnels.open(config, fabric, randomUUID(), '0')
    const cluster = fabric && (() => fabric.stats)
    const plugins = fabric === undefined ? [] : [clusterPlugin(fabric)]
    return await ServeProcess.start(config, log, { reload, machine, cluster }, plugins)
  } catch (error) {
    await fabric?.[Symbol.asyncDispose]()
    throw error
  }
}
