import type { Logger, Plugin } from '@rtmpipe/session'
import { CliError } from './cli-error.ts'
import type { ServeOptions } from './serve-options.ts'

/** The recorder that `--record` asks for. @throws CliError */
export async function recordPlugin({ record: dir, recordFormat }: ServeOptions, log: Logger): Promise<Plugin[]> {
  if (recordFormat !== 'flv' && recordFormat !== 'mp4')
    throw new CliError(`--record-format ${recordFormat}: expected flv or mp4`)
  if (dir === undefined) return []
  if (dir === '') throw new CliError('--record: expected a folder')
  const { record } = await import('@rtmpipe/plugins/record')
  return [record({ dir, format: recordFormat, log })]
}
