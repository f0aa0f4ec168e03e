import type { Logger, Plugin } from '@rtmpipe/session'
import { connect } from '../connect.ts'
import { CliError } from './cli-error.ts'
import type { ServeOptions } from './serve-options.ts'

/** The relay that `--push` asks for: nothing where it is not given. @throws CliError, without what may be secret */
export async function relayPlugin({ push: to }: ServeOptions, log: Logger): Promise<readonly Plugin[]> {
  if (to === undefined) return []
  const { relayPush } = await import('@rtmpipe/plugins/relay')
  try {
    return [relayPush({ connect, to, log })]
  } catch (error) {
    throw new CliError(`--push: expected a URL like rtmp://host/app, without a stream's name`, { cause: error })
  }
}
