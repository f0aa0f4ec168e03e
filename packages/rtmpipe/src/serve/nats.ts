import { setTimeout as delay } from 'node:timers/promises'
import type * as clusterNats from '@rtmpipe/cluster-nats'
import { UsageError } from '@rtmpipe/chunk-stream'
import type { Logger } from '@rtmpipe/session'
import type { Problem } from '../config/problem.ts'
import type { ServeConfig } from '../sections/index.ts'
import { CliError } from './cli-error.ts'
import { MissingPackageError } from './missing-package-error.ts'

/** For NATS to be there when the server starts; it is waited for afterwards too. Milliseconds. */
const patience = 3_000

const name = '@rtmpipe/cluster-nats'

/** What is wrong with the section of the cluster. Nothing is connected to, and no file is read. */
export async function natsProblems({ cluster }: ServeConfig): Promise<readonly Problem[]> {
  if (cluster === undefined) return []
  try {
    const { checkOptions } = await loadClusterNats()
    checkOptions(cluster.nats)
    return []
  } catch (error) {
    if (error instanceof UsageError) return [{ path: ['cluster', 'nats'], text: error.message }]
    throw error
  }
}

/**
 * The way to other machines; undefined without one. It starts without NATS as well, which is logged.
 *
 * @throws CliError for what the user can mend
 */
export async function openNats({ cluster }: ServeConfig, log: Logger): Promise<clusterNats.NatsFabric | undefined> {
  if (cluster === undefined) return undefined
  const { natsFabric } = await loadClusterNats()
  const fabric = (() => {
    try {
      return natsFabric({ ...cluster.nats, log: log.child({ plugin: 'cluster' }) })
    } catch (error) {
      throw mendable(error)
    }
  })()
  const [late, end] = [Symbol('late'), new AbortController()]
  const wait = delay(patience, late, { signal: end.signal })
  wait.catch(() => {})
  try {
    const first = await Promise.race([fabric.ready, wait])
    if (first === late && fabric.stats.connected[0] === undefined)
      log.warn({}, 'NATS is not there yet: this machine is alone until it is')
    return fabric
  } catch (error) {
    await fabric[Symbol.asyncDispose]()
    throw mendable(error)
  } finally {
    end.abort()
  }
}

function mendable(error: unknown): unknown {
  return error instanceof UsageError ? new CliError(error.message, { cause: error }) : error
}

/** It stands beside rtmpipe for those who need it. @throws MissingPackageError */
export async function loadClusterNats(): Promise<typeof clusterNats> {
  try {
    return await import('@rtmpipe/cluster-nats')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code !== 'ERR_MODULE_NOT_FOUND' || !message.includes(`'${name}'`)) throw error
    throw new MissingPackageError('a cluster over NATS', name)
  }
}
