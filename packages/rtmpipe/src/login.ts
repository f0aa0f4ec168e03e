import { StatusError } from '@rtmpipe/session'
import type { AppUrl } from './stream-url.ts'

/** Refusals that a login may answer: the question who it is, and the challenge. */
export const maxLoginAttempts = 2

/**
 * What to append to an application's URL after a server refused `connect`, if it asks for the name and the password that
 * the URL has (authmod, protocol.md §1.3). Nothing where there is no use in trying again.
 */
export async function loginAnswer(error: unknown, { url, app }: AppUrl): Promise<string | undefined> {
  if (!(error instanceof StatusError) || url.username === '' || !error.description.includes('authmod='))
    return undefined
  const { answerAuthmod } = await import('@rtmpipe/plugins/auth')
  const credentials = { user: decoded(url.username), password: decoded(url.password) }
  return answerAuthmod(error.description, credentials, app.split(/[?#]/, 1)[0] ?? '')
}

/** The same application with one more query. */
export function withLogin(target: AppUrl, login: string | undefined): AppUrl {
  if (login === undefined) return target
  const append = (text: string) => `${text}${text.includes('?') ? '&' : '?'}${login}`
  return { url: target.url, app: append(target.app), tcUrl: append(target.tcUrl) }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
