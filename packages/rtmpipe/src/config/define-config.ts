import type { Config } from './config.ts'

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
