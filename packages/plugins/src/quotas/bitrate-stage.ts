import type { RtmpMessage } from '@rtmpipe/session'
import { Transform } from 'readable-stream'
import type { BitrateMeter } from './bitrate-meter.ts'

/** Hands on messages until the quota is exceeded; then it tells so once and drops the rest. */
export class BitrateStage extends Transform {
  readonly #meter: BitrateMeter
  readonly #exceeded: () => void
  #isOver = false

  constructor(meter: BitrateMeter, exceeded: () => void) {
    super({ objectMode: true })
    this.#meter = meter
    this.#exceeded = exceeded
  }

  override _transform(message: RtmpMessage, _encoding: BufferEncoding, done: () => void): void {
    if (!this.#isOver && !this.#meter.take(message.payload.length, performance.now())) {
      this.#isOver = true
      this.#exceeded()
    }
    if (!this.#isOver) this.push(message)
    done()
  }
}
