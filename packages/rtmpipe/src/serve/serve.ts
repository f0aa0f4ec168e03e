import cluster from 'node:cluster'
import type { GivenOptions } from '../config/command-line-layer.ts'
import { makeAdminToken } from './admin-token.ts'
import { createLog } from './log.ts'
import { Reload, type Reloadable } from './reload.ts'
import { checkFiles, checkWorkers, type LoadedConfig, loadServeConfig } from './load.ts'
import { ServeProcess } from './process.ts'
import { printStartCard } from './start-card.ts'
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
  const log = createLog(config.logLevel)
  await makeAdminToken(config)
  const again = () => reload.ask()
  const server = await (config.workers === 1
    ? ServeProcess.start(config, log, { reload: again })
    : ServeWorkers.start(config, file, log, again))
  for (const url of server.urls) process.stdout.write(`rtmpipe listening on ${url}\n`)
  process.stdout.write('rtmpipe ready\n')
  printStartCard(server.urls, log, config.auth?.publishKeys !== undefined)
  const target: Reloadable = {
    async load() {
      ;({ config, file } = await load(file))
      return config
    },
    async update(next) {
      checkWorkers(next)
      await server.update(next, file)
    },
  }
  reload.begin(config, target, log)
}
