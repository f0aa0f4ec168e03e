import type { ConnectAttempt } from '../../contract/connect-attempt.ts'

/** The attempt that led to a server; undefined if there is none. */
export function connectedBy(attempts: readonly ConnectAttempt[]): ConnectAttempt | undefined {
  return attempts.find(({ error }) => error === undefined)
}

/**
 * Attempts in a line for a log: `rtmpts://host:443 (rtmp: no answer in 600 ms, rtmps: self-signed certificate)`. It has
 * no path, name or password in it.
 */
export function attemptsText(attempts: readonly ConnectAttempt[]): string {
  const { url = 'nothing' } = connectedBy(attempts) ?? {}
  const failed = attempts.filter(({ error }) => error !== undefined)
  if (failed.length === 0) return url
  const schemes = attempts.map(attempt => schemeOf(attempt))
  const isAlone = (scheme: string) => schemes.indexOf(scheme) === schemes.lastIndexOf(scheme)
  const reasons = failed.map(attempt => {
    const scheme = schemeOf(attempt)
    return `${isAlone(scheme) ? scheme : attempt.url}: ${reasonOf(attempt)}`
  })
  return `${url} (${reasons.join(', ')})`
}

/** Why an attempt has failed, in words. */
export function reasonOf({ error }: ConnectAttempt): string {
  return error?.message || (error as NodeJS.ErrnoException | undefined)?.code || 'no reason known'
}

function schemeOf({ url }: ConnectAttempt): string {
  return url.slice(0, url.indexOf(':'))
}
