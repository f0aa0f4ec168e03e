/**
 * The configuration file of `rtmpipe serve`.
 *
 * @example
 * ```ts
 * // rtmpipe.config.ts
 * import { defineConfig } from 'rtmpipe/config'
 *
 * export default defineConfig({ auth: { publishKeys: { keys: ['6c1f0a'] } }, record: { dir: 'recordings' } })
 * ```
 *
 * It reads and checks nothing: the command does.
 *
 * @packageDocumentation
 */
import type { Config } from './sections/index.ts'

export type * from './sections/index.ts'

/**
 * The configuration of `rtmpipe serve`, for `rtmpipe.config.ts` or `.js`: gives types and completion, and returns what it
 * is given.
 *
 * @example
 * ```ts
 * export default defineConfig({ host: '0.0.0.0', record: { dir: 'recordings' } })
 * ```
 */
export function defineConfig(config: Config): Config {
  return config
}
