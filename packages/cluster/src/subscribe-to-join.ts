import { defaultGopCacheLimits, type StreamView, type Subscription } from '@rtmpipe/session'

/**
 * The messages for one process that joins. It begins with all that is cached, so it may lag by that and some more before
 * pictures are dropped, and is cut off at twice the bytes. The publisher never waits for it.
 */
export function subscribeToJoin(stream: StreamView): Subscription {
  const { maxBytes, maxDuration } = defaultGopCacheLimits
  return stream.subscribe({ maxBytes: 2 * maxBytes, maxDuration: 2 * maxDuration })
}
