import cluster from 'node:cluster'
import { createLog } from './log.ts'
import { numberOf, type ServeOptions } from './serve-options.ts'
import { serveHere } from './serve-process.ts'
import { printStartCard } from './start-card.ts'
import { serveWithWorkers } from './workers/primary.ts'
import { serveAsWorker } from './workers/worker.ts'

const maxWorkers = 64

/** `rtmpipe serve`: runs until SIGTERM or SIGINT. @throws CliError for what the user can mend */
export async function serve(options: ServeOptions): Promise<void> {
  const log = createLog(options.logLevel)
  if (cluster.isWorker) return serveAsWorker(options, log)
  const workers = numberOf('workers', options.workers, 1, maxWorkers)
  const urls = await (workers === 1 ? serveHere(options, log) : serveWithWorkers(options, workers, log))
  for (const url of urls) process.stdout.write(`rtmpipe listening on ${url}\n`)
  process.stdout.write('rtmpipe ready\n')
  printStartCard(urls, log, options.publishKey !== undefined)
}
