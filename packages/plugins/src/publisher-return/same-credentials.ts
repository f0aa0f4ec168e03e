import { PRINCIPAL, type PublishEvent, type PublishInfo } from '@rtmpipe/session'
import { isSamePrincipal } from '../principal.ts'
import { isSameSecret } from '../secrets.ts'

/**
 * A `mayReturn` that accepts a newcomer that has proved to be the same principal. Where no plugin asks for a proof, the
 * query parameters have to be the same, such as a stream key; they are compared in constant time.
 */
export function sameCredentials(event: PublishEvent, before: PublishInfo): boolean {
  const principal = event.context.get(PRINCIPAL)
  if (principal !== undefined && before.principal !== undefined) return isSamePrincipal(principal, before.principal)
  if (principal !== before.principal) return false
  return isSameSecret(sorted(event.query), sorted(before.query))
}

function sorted(query: URLSearchParams): string {
  const parameters = new URLSearchParams(query)
  parameters.sort()
  return parameters.toString()
}
