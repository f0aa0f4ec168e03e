import { type ApiClient, ApiError, type EndStatus } from '@rtmpipe/http/client'
import { harmless } from '@rtmpipe/net'
import { type ApiCommandOptions, withApi } from './api-access.ts'

/** Options of `rtmpipe kick`, as the command line gives them. */
export interface KickCommandOptions extends ApiCommandOptions {
  readonly code?: string
  readonly description?: string
}

/** `rtmpipe kick`: ends whatever has that id. @throws CliError, or Error when there is no such thing */
export async function kick(target: string, { code, description, ...access }: KickCommandOptions): Promise<void> {
  const status = { ...(code !== undefined && { code }), ...(description !== undefined && { description }) }
  const ended = await withApi(access, async client => end(client, target, code || description ? status : undefined))
  process.stdout.write(`${ended} ${harmless(target)} has been ended\n`)
}

/** The publisher goes too if it does nothing else: encoders like ffmpeg do not care for what they are told, and go on. */
async function endStream(client: ApiClient, id: string, status?: Partial<EndStatus>): Promise<void> {
  const { publisher } = await client.stream(id)
  await client.endStream(id, status)
  if (publisher === undefined) return
  try {
    const { publishes, plays } = await client.connection(publisher)
    if (publishes.length === 0 && plays.length === 0) await client.endConnection(publisher)
  } catch (error) {
    // It has left by itself.
    if (!isMissing(error)) throw error
  }
}

/** Names of streams have a slash in them. */
async function end(client: ApiClient, target: string, status?: Partial<EndStatus>): Promise<string> {
  const ways: readonly [string, () => Promise<void>][] = [
    ['stream', async () => endStream(client, target, status)],
    ['connection', async () => client.endConnection(target, status)],
    ['player', async () => client.endPlayer(target, status)],
  ]
  for (const [what, way] of target.includes('/') ? ways : ways.slice(1)) {
    try {
      await way()
      return what
    } catch (error) {
      if (!isMissing(error)) throw error
    }
  }
  throw new ApiError({
    type: 'about:blank',
    title: 'Not Found',
    status: 404,
    detail: `there is no ${target.includes('/') ? 'stream' : 'connection or player'} ${harmless(target)}: rtmpipe status lists streams, and with --json ids`,
  })
}

function isMissing(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404 && !error.isForeign
}
