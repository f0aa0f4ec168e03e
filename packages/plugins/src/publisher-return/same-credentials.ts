import type { PublishEvent, PublishInfo } from '@rtmpipe/session'
import { isSameSecret } from '../secrets.ts'

/**
 * A `mayReturn` that accepts a newcomer with the same query parameters, such as a stream key. They are compared in
 * constant time.
 */
export function sameCredentials(event: PublishEvent, before: PublishInfo): boolean {
  return isSameSecret(sorted(event.query), sorted(before.query))
}

function sorted(query: URLSearchParams): string {
  const parameters = new URLSearchParams(query)
  parameters.sort()
  return parameters.toString()
}
