import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { Pacer } from '@rtmpipe/session'
import { Transform } from 'readable-stream'

/** Between the end of a file and its repetition, in milliseconds of the stream's time. */
const loopGap = 40

/** Lets the messages of a file through at the pace of their timestamps; repeated files go on in time. */
export class PaceStage extends Transform {
  readonly #pacer: Pacer | undefined
  #offset = 0
  #last = 0
  #first: number | undefined

  constructor(realtime: boolean) {
    super({ objectMode: true, highWaterMark: 16 })
    this.#pacer = realtime ? new Pacer(() => 0) : undefined
  }

  /** The next message is the first of the file, perhaps again: the first time its timestamps stay as they are. */
  repeat(): void {
    if (this.#first !== undefined) this.#offset = this.#last + loopGap
    this.#first = undefined
  }

  override _transform(message: RtmpMessage, _encoding: BufferEncoding, done: () => void): void {
    this.#first ??= message.timestamp
    const timestamp = (this.#offset + message.timestamp - (this.#offset === 0 ? 0 : this.#first)) >>> 0
    this.#last = Math.max(this.#last, timestamp)
    this.push({ ...message, timestamp })
    if (this.#pacer === undefined) return done()
    void this.#pacer.wait(timestamp).then(() => done())
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#pacer?.stop()
    done(error)
  }
}
