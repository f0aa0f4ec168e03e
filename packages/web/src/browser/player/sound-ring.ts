import { Jitter } from './jitter.ts'

/** Some sound: an array for each channel, all of one length. */
export interface SoundBlock {
  readonly planes: readonly Float32Array[]
  /** Milliseconds of the stream at its first sample. */
  readonly time: number
}

/** Milliseconds to begin with, and those that may ever wait. */
const [firstLevel, mostLevel] = [40, 2_000]
/** Milliseconds without news after which a burst is over, and that it may last. */
const [pause, longestBurst] = [5, 200]
/** Samples of a fade, which hides where something was cut. */
const fade = 64

/** Sound between network and loudspeaker. Without it there is silence, never a wait. */
export class SoundRing {
  readonly #rate: number
  readonly #jitter = new Jitter()
  #blocks: SoundBlock[] = []
  /** Samples of the first block that were played, and of all that wait. */
  #offset = 0
  #waiting = 0
  /** Milliseconds of the stream at the end of the last block. */
  #end = Number.NaN
  #plays = false
  #gaps = 0
  #lastPush = 0
  /** When it began to wait for enough. */
  #waitsSince = 0
  /** What is faded out, and how far. */
  #tail: readonly Float32Array[] = []
  #faded = fade

  /** @param sampleRate of what goes in and out */
  constructor(sampleRate: number) {
    this.#rate = sampleRate
  }

  /** False before the beginning and in a gap. */
  get plays(): boolean {
    return this.#plays
  }

  /** Milliseconds that wait. */
  get level(): number {
    return (this.#waiting / this.#rate) * 1000
  }

  /** How often there was nothing to play. */
  get gaps(): number {
    return this.#gaps
  }

  /** Milliseconds of the stream at the sample that is next, or where it ended; NaN before there was any. */
  get position(): number {
    const first = this.#blocks[0]
    return first === undefined ? this.#end : first.time + (this.#offset / this.#rate) * 1000
  }

  /** @param now milliseconds */
  push(block: SoundBlock, now: number): void {
    if (this.#waiting === 0) this.#waitsSince = now
    this.#blocks.push(block)
    this.#waiting += block.planes[0]?.length ?? 0
    this.#lastPush = now
    const most = this.#plays ? mostLevel : Math.max(firstLevel, this.#jitter.margin)
    if (this.level > most) this.#cut(this.level - most)
  }

  /** Forgets what waits: what comes now is another stream. */
  clear(): void {
    this.#cut(this.level)
    this.#plays = false
  }

  /** Fills all of `output`. @param now milliseconds. @returns true when the position is not where it would have been */
  pull(output: readonly Float32Array[], now: number): boolean {
    const frames = output[0]?.length ?? 0
    const moved = this.#plays ? this.#trim(now) : this.#begin(now)
    const played = this.#plays ? this.#read(output, 0, frames) : 0
    for (const plane of output) plane.fill(0, played)
    this.#fade(output)
    if (!this.#plays || played === frames) return moved
    for (const plane of output) fadeOut(plane, played)
    this.#plays = false
    this.#gaps += 1
    this.#jitter.gap()
    return true
  }

  #begin(now: number): boolean {
    const { margin } = this.#jitter
    const isEnough = this.#gaps === 0 ? this.level >= firstLevel / 2 : this.level >= margin
    const isBurst = now - this.#lastPush < pause && now - this.#waitsSince < longestBurst
    if (!isEnough || isBurst) return false
    this.#plays = true
    this.#jitter.start(now)
    this.#fadeFrom([])
    return true
  }

  #trim(now: number): boolean {
    const surplus = this.#jitter.observe(this.level, now)
    if (surplus > 0) this.#cut(surplus)
    return surplus > 0
  }

  #cut(milliseconds: number): void {
    let left = Math.round((milliseconds / 1000) * this.#rate)
    if (this.#plays) {
      const tail = Array.from({ length: this.#blocks[0]?.planes.length ?? 0 }, () => new Float32Array(fade))
      left -= this.#read(tail, 0, Math.min(fade, left))
      this.#fadeFrom(tail)
    }
    while (left > 0) left -= this.#skip(left)
  }

  /** Copies as much as there is, up to `count`. */
  #read(output: readonly Float32Array[], at: number, count: number): number {
    let done = 0
    while (done < count) {
      const block = this.#blocks[0]
      if (block === undefined) break
      const from = this.#offset
      const length = this.#skip(count - done)
      for (const [channel, plane] of output.entries()) {
        // A loudspeaker without a channel of its own gets the last one: mono sounds from both.
        const source = block.planes[channel] ?? block.planes.at(-1)
        if (source !== undefined) plane.set(source.subarray(from, from + length), at + done)
      }
      done += length
    }
    return done
  }

  /** Goes on by as much as the first block has, up to `count`. */
  #skip(count: number): number {
    const first = this.#blocks[0]
    if (first === undefined) return count
    const size = first.planes[0]?.length ?? 0
    const length = Math.min(count, size - this.#offset)
    this.#waiting -= length
    this.#offset += length
    if (this.#offset === size) {
      this.#end = first.time + (size / this.#rate) * 1000
      this.#blocks.shift()
      this.#offset = 0
    }
    return length
  }

  #fadeFrom(tail: readonly Float32Array[]): void {
    this.#tail = tail
    this.#faded = 0
  }

  #fade(output: readonly Float32Array[]): void {
    const frames = output[0]?.length ?? 0
    for (let frame = 0; frame < frames && this.#faded < fade; frame += 1, this.#faded += 1) {
      const share = this.#faded / fade
      for (const [channel, plane] of output.entries()) {
        const gone = this.#tail[channel] ?? this.#tail.at(-1)
        plane[frame] = plane[frame]! * share + (gone?.[this.#faded] ?? 0) * (1 - share)
      }
    }
  }
}

/** Brings the last samples before `end` to silence. */
function fadeOut(plane: Float32Array, end: number): void {
  const begin = Math.max(0, end - fade)
  for (let at = begin; at < end; at += 1) plane[at] = plane[at]! * ((end - at) / (end - begin))
}
