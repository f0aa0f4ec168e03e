import type { PublishEvent, PublishInfo } from '@rtmpipe/session'
import { isSameSecret } from '../secrets.ts'

/** A `mayReturn` that lets in who brings the same query parameters, such as a stream key. Compared in constant time. */
export function sameCredentials(event: PublishEvent, before: PublishInfo): boolean {
  return isSameSecret(sorted(event.query), sorted(before.query))
}

function sorted(query: URLSearchParams): string {
  const parameters = new URLSearchParams(query)
  parameters.sort()
  return parameters.toString()
}
