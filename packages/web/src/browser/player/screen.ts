import { PictureQueue } from './picture-queue.ts'
import type { PictureMessage, VideoPicture } from './protocol.ts'

/** Milliseconds of a burst, whose pictures nobody was to see. */
const burst = 1_000

/** Draws pictures on a canvas when their time has come. */
export class Screen {
  readonly #canvas: HTMLCanvasElement
  readonly #context: CanvasRenderingContext2D
  readonly #now: () => number | undefined
  readonly #queue = new PictureQueue<Shown>()
  #request = 0
  /** Something was drawn in this animation frame. */
  #isDrawn = false
  #began: number | undefined
  #early = 0
  #latency = 0

  /** @param now milliseconds of the stream that are heard; undefined if nothing is, and pictures need not wait */
  constructor(canvas: HTMLCanvasElement, now: () => number | undefined) {
    const context = canvas.getContext('2d', { alpha: false })
    if (context === null) throw new TypeError('the canvas is used for something other than 2d')
    this.#canvas = canvas
    this.#context = context
    this.#now = now
  }

  /** Pictures that came and were not shown. */
  get dropped(): number {
    return this.#queue.dropped - this.#early
  }

  /** Milliseconds from a picture's arrival to its drawing, as of late. */
  get latency(): number {
    return this.#latency
  }

  add({ frame, time, arrived }: PictureMessage): void {
    this.#began ??= performance.now()
    this.#queue.add({ frame, arrived, close: () => frame.close() }, time)
    if (performance.now() - this.#began < burst) this.#early = this.#queue.dropped
    // Nobody asks for animation frames of a hidden page, but somebody may look at it in a small window.
    if (document.hidden || (!this.#isDrawn && this.#now() === undefined)) this.#draw()
    this.#ask()
  }

  /** Forgets what waits. */
  clear(): void {
    this.#queue.clear()
    this.#began = undefined
    this.#early = this.#queue.dropped
  }

  /** Draws nothing more. */
  close(): void {
    this.clear()
    cancelAnimationFrame(this.#request)
    this.#request = 0
  }

  #ask(): void {
    if (this.#request !== 0) return
    this.#request = requestAnimationFrame(() => {
      this.#request = 0
      this.#isDrawn = false
      this.#draw()
      if (this.#queue.length > 0 || this.#isDrawn) this.#ask()
    })
  }

  #draw(): void {
    const shown = this.#queue.take(this.#now())
    if (shown === undefined) return
    const { frame, arrived } = shown
    const { displayWidth, displayHeight } = frame
    if (this.#canvas.width !== displayWidth) this.#canvas.width = displayWidth
    if (this.#canvas.height !== displayHeight) this.#canvas.height = displayHeight
    this.#context.drawImage('source' in frame ? frame.source : frame, 0, 0, displayWidth, displayHeight)
    shown.close()
    this.#isDrawn = true
    const latency = performance.timeOrigin + performance.now() - arrived
    this.#latency += (latency - this.#latency) / (this.#latency === 0 ? 1 : 10)
  }
}

interface Shown {
  readonly frame: VideoFrame | VideoPicture
  readonly arrived: number
  close(): void
}
