import { type Action, signUrl } from '@rtmpipe/plugins/auth'
import { CliError } from '../serve/cli-error.ts'
import { durationOf } from './duration.ts'

/** Options of `rtmpipe sign`, as the command line gives them. */
export interface SignCommandOptions {
  readonly key: string
  readonly keyId?: string
  readonly expires: string
  readonly action: string
  readonly ip?: string
}

/** `rtmpipe sign`: prints a URL that `signedUrls` lets in. @throws CliError */
export function sign(url: string, { key, keyId, expires, action, ip }: SignCommandOptions): void {
  if (!isAction(action)) throw new CliError(`--action ${action}: expected publish or play`)
  const end = new Date(Date.now() + durationOf('expires', expires) * 1_000)
  process.stdout.write(`${signed(url, key, action, end, { ...(keyId && { keyId }), ...(ip && { ip }) })}\n`)
}

function signed(
  url: string,
  key: string,
  action: Action,
  expires: Date,
  more: { keyId?: string; ip?: string },
): string {
  try {
    return signUrl(url, { key, action, expires, ...more })
  } catch (error) {
    throw new CliError((error as Error).message, { cause: error })
  }
}

function isAction(text: string): text is Action {
  return text === 'publish' || text === 'play'
}
