import type { MessageBatch } from '@rtmpipe/chunk-stream'
import type { StreamTap } from '../contract/stream-view.ts'
import { mediaRole } from '../protocol/media-role.ts'
import { KeyframeWait } from './lag/keyframe-wait.ts'
import type { StreamConsumer } from './stream-consumer.ts'

/** Hands on what a stream delivers, but pictures that can't be decoded. */
export class TapConsumer implements StreamConsumer {
  readonly gathers: boolean = true
  readonly isViewer: boolean = false
  readonly #tap: StreamTap
  readonly #left: () => void
  /** Undefined while pictures of all tracks go on. */
  #wait: KeyframeWait | undefined

  /** @param left called when the publish has ended */
  constructor(tap: StreamTap, left: () => void) {
    this.#tap = tap
    this.#left = left
  }

  waitForKeyframe(): void {
    this.#wait ??= new KeyframeWait()
    this.#wait.begin()
  }

  deliver({ lentMessages }: MessageBatch): void {
    const wait = this.#wait
    if (wait === undefined) return this.#tap.take(lentMessages)
    const messages = lentMessages.filter(message => wait.admits(message, mediaRole(message)))
    if (wait.isOver) this.#wait = undefined
    if (messages.length > 0) this.#tap.take(messages)
  }

  publishStarted(): void {}

  publishEnded(): void {
    this.#left()
    this.#tap.end()
  }

  publishLeft(): void {
    this.publishEnded()
  }
}
