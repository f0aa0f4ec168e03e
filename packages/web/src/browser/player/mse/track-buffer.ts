/** Parts that may wait for the browser; a picture or some sound each. */
const mostWaiting = 600
/** Seconds that stay behind what is shown. */
const [kept, tooMany] = [5, 15]

/** A SourceBuffer with what waits for it: it takes one thing at a time. */
export class TrackBuffer {
  readonly #source: MediaSource
  readonly #waiting: (() => void)[] = []
  #buffer: SourceBuffer | undefined
  #type = ''

  constructor(source: MediaSource) {
    this.#source = source
  }

  /** False before anything was described. */
  get isOpen(): boolean {
    return this.#type !== ''
  }

  /** @param init what describes the samples that follow */
  describe(type: string, init: Uint8Array<ArrayBuffer>): void {
    const isOther = this.#type !== '' && this.#type !== type
    this.#type = type
    this.#do(() => {
      if (this.#buffer === undefined) {
        this.#buffer = this.#source.addSourceBuffer(type)
        this.#buffer.addEventListener('updateend', () => this.next())
      } else if (isOther) this.#buffer.changeType(type)
      this.#buffer.appendBuffer(init)
    })
  }

  append(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#waiting.length < mostWaiting) this.#do(() => this.#buffer?.appendBuffer(bytes))
  }

  /** Forgets what was shown. @param now seconds */
  forget(now: number): void {
    const { buffered } = this.#buffer ?? {}
    if (buffered === undefined || buffered.length === 0 || now - buffered.start(0) < tooMany) return
    this.#do(() => this.#buffer?.remove(0, now - kept))
  }

  /** Does what waits, once the browser takes it. */
  next(): void {
    while (this.#source.readyState === 'open' && this.#buffer?.updating !== true) {
      const act = this.#waiting.shift()
      if (act === undefined) return
      try {
        act()
      } catch (error) {
        // The browser has no room, or does not like it: what follows may be better.
        if (!(error instanceof DOMException)) throw error
        return
      }
    }
  }

  #do(act: () => void): void {
    this.#waiting.push(act)
    this.next()
  }
}
