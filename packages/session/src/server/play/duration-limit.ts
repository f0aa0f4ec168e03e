import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { MediaRole, mediaRole } from '../../protocol/media-role.ts'

/** Tells when a play has reached its duration in milliseconds; headers and metadata don't count. */
export class DurationLimit {
  readonly #duration: number
  #first: number | undefined

  constructor(duration: number) {
    this.#duration = duration
  }

  /** True for the first message past the duration, and for those after it. The first frame always passes. */
  isOver(message: RtmpMessage): boolean {
    if (mediaRole(message) < MediaRole.Audio) return false
    if (this.#first !== undefined) return ((message.timestamp - this.#first) | 0) >= this.#duration
    this.#first = message.timestamp
    return false
  }

  /** Time begins anew with the next message: after a seek. */
  restart(): void {
    this.#first = undefined
  }
}
