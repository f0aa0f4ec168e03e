import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { MediaRole } from './media-role.ts'

/** Bounds of the group-of-pictures cache; crossing one empties it until the next keyframe. */
export interface GopCacheLimits {
  /** Payload bytes; default 16 MiB. */
  readonly maxBytes: number
  /** Milliseconds between the keyframe and the newest message; default 15,000. */
  readonly maxDuration: number
  /** Messages; default 2,500. */
  readonly maxMessages: number
}

export const defaultGopCacheLimits: GopCacheLimits = {
  maxBytes: 16 * 1024 * 1024,
  maxDuration: 15_000,
  maxMessages: 2_500,
}

/** The messages since the last keyframe, audio included, in order of arrival, so that a late player starts with a picture. */
export class GopCache {
  readonly #limits: GopCacheLimits
  #messages: RtmpMessage[] = []
  #bytes = 0

  constructor(limits: GopCacheLimits = defaultGopCacheLimits) {
    this.#limits = limits
  }

  /** From the keyframe on; empty when there is none to start from. */
  get messages(): readonly RtmpMessage[] {
    return this.#messages
  }

  add(message: RtmpMessage, role: MediaRole): void {
    if (role === MediaRole.Keyframe) this.clear()
    else if (this.#messages.length === 0) return
    this.#messages.push(unpinned(message))
    this.#bytes += message.payload.length
    if (this.#isOver(message)) this.clear()
  }

  clear(): void {
    this.#messages = []
    this.#bytes = 0
  }

  #isOver(newest: RtmpMessage): boolean {
    const { maxBytes, maxDuration, maxMessages } = this.#limits
    const duration = (newest.timestamp - (this.#messages[0]?.timestamp ?? 0)) | 0
    return this.#bytes > maxBytes || this.#messages.length > maxMessages || duration > maxDuration
  }
}

/** Copies a payload that is a small part of a big read buffer: keeping it would keep the whole buffer in memory. */
export function unpinned(message: RtmpMessage): RtmpMessage {
  const { payload } = message
  if (payload.buffer.byteLength <= 2 * payload.length + 1024) return message
  return { ...message, payload: Buffer.from(payload) }
}
