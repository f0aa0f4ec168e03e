import type { PublishEvent, PublishInfo } from '@rtmpipe/session'
import { createHash, timingSafeEqual } from 'node:crypto'

/** A `mayReturn` that lets in who brings the same query parameters, such as a stream key. Compared in constant time. */
export function sameCredentials(event: PublishEvent, before: PublishInfo): boolean {
  return timingSafeEqual(digest(event.query), digest(before.query))
}

function digest(query: URLSearchParams): Buffer {
  const sorted = new URLSearchParams(query)
  sorted.sort()
  return createHash('sha256').update(sorted.toString()).digest()
}
