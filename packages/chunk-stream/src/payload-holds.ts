import { blockOf } from './payload-block.ts'

/**
 * A further hold on a payload: its memory is not used again before there have been as many releases as holds, and never
 * without. Payloads that are not in memory which is used again need none; holding and releasing them does nothing. Hold the
 * payload itself: a part of it (`subarray`) does not know where it is from.
 */
export function holdPayload(payload: Uint8Array): void {
  blockOf(payload)?.hold()
}

/** Gives up a hold on a payload: it must not be read after that. Who gets it from a connection that reuses has one hold. */
export function releasePayload(payload: Uint8Array): void {
  blockOf(payload)?.release()
}

/** Whether the payload is good only as long as it is held. */
export function isReusable(payload: Uint8Array): boolean {
  return blockOf(payload) !== undefined
}
