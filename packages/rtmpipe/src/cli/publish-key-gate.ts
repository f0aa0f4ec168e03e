import type { Plugin } from '@rtmpipe/session'
import { CliError } from './cli-error.ts'
import type { ServeOptions } from './serve-options.ts'

/** What `--publish-key` asks for: nothing where it is not given. @throws CliError for an empty key */
export async function publishKeyGate({ publishKey: keys }: ServeOptions): Promise<readonly Plugin[]> {
  if (keys === undefined) return []
  if (keys.includes('')) throw new CliError('--publish-key: expected a key that is not empty')
  const { publishKeys } = await import('@rtmpipe/plugins/auth')
  return [publishKeys({ keys })]
}
