import { type ApiCommandOptions, withApi } from './api-access.ts'
import { counted } from './counted.ts'
import { durationOf } from './duration.ts'

/** Options of `rtmpipe drain`, as the command line gives them. */
export interface DrainCommandOptions extends ApiCommandOptions {
  readonly timeout?: string
}

/** `rtmpipe drain`: the server lets in nobody new, and ends when all have left. @throws CliError or Error */
export async function drain({ timeout, ...access }: DrainCommandOptions): Promise<void> {
  const wait = timeout === undefined ? {} : { timeout: durationOf('timeout', timeout) * 1_000 }
  const connections = await withApi(access, async client => {
    // Asked before: it may have ended afterwards.
    const { connections } = await client.server()
    await client.drain(wait)
    return connections
  })
  const last = timeout === undefined ? '' : `, in ${timeout} at the latest`
  process.stdout.write(`the server ends when all have left${last}: ${counted(connections, 'connection')} now\n`)
}
