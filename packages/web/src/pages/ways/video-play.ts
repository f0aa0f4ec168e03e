import type { Stop, VideoWay } from './video-way.ts'

/** Milliseconds to the next attempt: the first, and the longest, each twice the one before. */
const [firstDelay, longestDelay] = [1_000, 10_000]

/** How a {@link VideoPlay} gets at its way and at the next one. */
export interface VideoPlayContext {
  /** Loads the script. */
  load(): Promise<VideoWay>
  /** Whether the stream goes on that has ended: otherwise it would be played once more. */
  isBack(signal: AbortSignal): Promise<boolean>
  /** Told what to say; nothing while it plays. */
  say(text: string): void
  /** Told when this way leads nowhere. */
  broken(reason: string): void
}

/** Plays by a video element, again and again, until it is closed or there is no sense in it. */
export class VideoPlay {
  readonly #video: HTMLVideoElement
  readonly #url: string
  readonly #context: VideoPlayContext
  readonly #closing = new AbortController()
  #end: (() => void) | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #delay = firstDelay

  constructor(video: HTMLVideoElement, url: string, context: VideoPlayContext) {
    this.#video = video
    this.#url = url
    this.#context = context
    const { signal } = this.#closing
    video.addEventListener('playing', () => this.#plays(), { signal })
    video.addEventListener('canplay', () => void video.play().catch(() => {}), { signal })
    context.say('Connecting …')
    void this.#start()
  }

  close(): void {
    this.#closing.abort()
    this.#stop()
  }

  async #start(): Promise<void> {
    const { load, broken } = this.#context
    try {
      const play = await load()
      if (this.#closing.signal.aborted) return
      let hasStopped = false
      this.#end = play(this.#video, this.#url, stop => {
        if (hasStopped || this.#closing.signal.aborted) return
        hasStopped = true
        this.#stopped(stop)
      })
    } catch (error) {
      if (!this.#closing.signal.aborted) broken((error as Error).message)
    }
  }

  #plays(): void {
    this.#delay = firstDelay
    this.#context.say('')
  }

  #stopped(stop: Stop): void {
    const { say, broken } = this.#context
    if (stop.type === 'broken') {
      this.#stop()
      say('')
      return broken(stop.reason)
    }
    if (stop.type === 'end') {
      say('The stream has ended.')
      return this.#later(() => this.#whenBack())
    }
    this.#stop()
    if (stop.status === 401 || stop.status === 403) return say('The server refuses to play this stream.')
    say(stop.status === 404 ? 'Waiting for the stream …' : 'The connection is lost. Connecting again …')
    this.#later(() => this.#start())
  }

  async #whenBack(): Promise<void> {
    const isBack = await this.#context.isBack(this.#closing.signal)
    if (this.#closing.signal.aborted) return
    if (!isBack) return this.#later(() => this.#whenBack())
    this.#stop()
    await this.#start()
  }

  #later(act: () => Promise<void>): void {
    this.#timer = setTimeout(() => void act(), this.#delay)
    this.#delay = Math.min(this.#delay * 2, longestDelay)
  }

  #stop(): void {
    clearTimeout(this.#timer)
    this.#end?.()
    this.#end = undefined
  }
}
