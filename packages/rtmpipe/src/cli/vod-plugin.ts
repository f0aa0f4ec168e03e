import { stat } from 'node:fs/promises'
import type { Logger, Plugin } from '@rtmpipe/session'
import { CliError } from './cli-error.ts'
import type { ServeOptions } from './serve-options.ts'

/** Plays the files of `--vod`. @throws CliError when it is no folder */
export async function vodPlugin({ vod: dir }: ServeOptions, log: Logger): Promise<Plugin[]> {
  if (dir === undefined) return []
  const stats = await stat(dir).catch(() => undefined)
  if (stats?.isDirectory() !== true) throw new CliError(`--vod ${dir}: there is no such folder`)
  const { vod } = await import('@rtmpipe/plugins/vod')
  return [vod({ dir, log })]
}
