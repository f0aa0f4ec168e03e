import { parseAppUrl, StatusError } from '@rtmpipe/session'

/**
 * What to append to `tcUrl` and its application after a server refused `connect`, if it asks for the name and the password
 * that `account` has (authmod, see docs/auth.md). Nothing where there is no use in trying again, and nothing for another
 * host or port than that they are meant for.
 */
export async function loginAnswer(refusal: unknown, account: URL, tcUrl: string): Promise<string | undefined> {
  if (!(refusal instanceof StatusError) || account.username === '' || !refusal.description.includes('authmod='))
    return undefined
  const { url, app } = parseAppUrl(tcUrl)
  if (url.host !== account.host) return undefined
  const { answerAuthmod } = await import('@rtmpipe/plugins/auth')
  const credentials = { user: decoded(account.username), password: decoded(account.password) }
  return answerAuthmod(refusal.description, credentials, app.split(/[?#]/, 1)[0] ?? '')
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
