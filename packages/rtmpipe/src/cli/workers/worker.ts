import cluster from 'node:cluster'
import {
  cluster as clusterPlugin,
  type PrimaryMessage,
  type WorkerLine,
  type WorkerRequest,
  WorkersFabric,
} from '@rtmpipe/cluster'
import type { Logger } from '@rtmpipe/session'
import { CliError } from '../cli-error.ts'
import type { ServeOptions } from '../serve-options.ts'
import { serveHere } from '../serve-process.ts'
import { isDirectoryMessage, type StartMessage, workerEnvironment } from './start-message.ts'

/** One of several processes that serve the same ports. Tells the primary when it listens, or why it can't. */
export async function serveAsWorker(options: ServeOptions, log: Logger): Promise<void> {
  const { slot, socket } = workerEnvironment(process.env)
  // A tunnel session's requests come on any number of connections: they must all reach the same process.
  const ours: ServeOptions = slot === 0 ? options : { ...options, rtmpt: 'off', rtmpts: 'off' }
  // Without the primary there is nobody to restart us, nor to know who publishes what.
  process.once('disconnect', () => process.exit(1))
  try {
    const fabric = await WorkersFabric.open(line(), socket)
    const urls = await serveHere(ours, log.child({ worker: slot }), [clusterPlugin(fabric)])
    tell({ type: 'listening', urls })
  } catch (error) {
    tell({ type: 'failed', message: (error as Error).message, isUsage: error instanceof CliError })
    cluster.worker?.disconnect()
  }
}

/** A line that is cut is noticed by `disconnect`: not to be told here keeps it from being an uncaught error. */
function tell(message: StartMessage | WorkerRequest): void {
  process.send?.(message, undefined, undefined, () => {})
}

function line(): WorkerLine<WorkerRequest, PrimaryMessage> {
  return {
    send: tell,
    onMessage: take =>
      void process.on('message', message => isDirectoryMessage(message) && take(message as PrimaryMessage)),
  }
}
