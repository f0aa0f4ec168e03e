import { UsageError } from '@rtmpipe/chunk-stream'
import { checkOptions } from '../contract/check-options.ts'
import type { WhenSlow } from '../contract/slow-consumer.ts'
import { withLimits } from '../contract/with-limits.ts'
import { defaultGopCacheLimits, type GopCacheLimits } from '../live/cache/gop-cache.ts'
import { slowConsumerPolicy } from '../live/lag/slow-consumer.ts'

/** The options of a server whose mistakes would show only when a client comes, or never. */
export interface UncheckedOptions {
  readonly transports: unknown
  readonly plugins?: unknown
  readonly mergeWindow?: number
  readonly publishWait?: number
  readonly whenSlow?: WhenSlow
  readonly gopCache?: Partial<GopCacheLimits> | boolean
  readonly sharedObjects?: object
}

const sharedObjectsOptions = { store: true, saveDelay: true, limits: true }

/**
 * Refuses what can only be a slip.
 *
 * @throws UsageError `RTMP_ERR_USAGE` with the option and what is expected of it
 */
export function checkServerOptions(options: UncheckedOptions): void {
  const { transports, plugins = [], mergeWindow = 0, publishWait = 0, whenSlow = 'drop', gopCache } = options
  if (!Array.isArray(transports)) throw usage('transports should be a list, for example [tcp()]')
  for (const transport of transports as unknown[]) {
    if (typeof transport === 'function') throw usage(`transports: ${transport.name} is a function: call it`)
    if (typeof (transport as { listen?: unknown } | null)?.listen !== 'function')
      throw usage(`transports: ${String(transport)} has no method listen`)
  }
  if (!Array.isArray(plugins)) throw usage('plugins should be a list')
  for (const [name, value] of Object.entries({ mergeWindow, publishWait })) {
    if (!(value >= 0)) throw usage(`${name}: expected milliseconds from 0 up, got ${String(value)}`)
  }
  slowConsumerPolicy(whenSlow)
  if (typeof gopCache === 'object') withLimits(defaultGopCacheLimits, gopCache, 'gopCache')
  checkOptions('sharedObjects', options.sharedObjects ?? {}, sharedObjectsOptions)
}

function usage(message: string): UsageError {
  return new UsageError('RTMP_ERR_USAGE', message)
}
