import {
  type FlvSource,
  type FlvTag,
  flvTagOverhead,
  isKeyframe,
  isMediaHeader,
  isPicture,
  isSound,
  type MediaMessage,
  parseVideoHeader,
  walkFlvTags,
} from '@rtmpipe/flv'
import { FlvClock } from './flv-clock.ts'
import { FlvHeaders } from './flv-headers.ts'
import { FlvPlaces } from './flv-places.ts'
import type { SharedFile } from './shared-file.ts'

/** Where to begin in an FLV file. */
export interface FlvPlace {
  /** Milliseconds from the beginning of the film. */
  readonly timestamp: number
  /** Of a tag. */
  readonly position: number
  /** What a decoder needs before. */
  readonly headers: readonly MediaMessage[]
}

/** Milliseconds between places to begin at where there are no pictures. */
const audioInterval = 1_000
/** Bytes to read on by: the heads of tags are read, and bodies that fill such a piece are passed over. */
const pieceSize = 128 * 1024

/**
 * Places and headers of an FLV file. The file itself is read, tag by tag, once and no further than anybody asks: the index
 * in its metadata may end early, be shifted or have other units, and says nothing of headers that change on the way.
 */
export class FlvIndex {
  readonly #file: SharedFile
  readonly #source: FlvSource
  readonly #clock: FlvClock
  readonly #places = new FlvPlaces()
  readonly #headers = new FlvHeaders()
  #next: number
  #isWhole = false
  #reading: Promise<void> | undefined
  /** Track of the first picture: keyframes of others are no places. Undefined before it. */
  #track: number | undefined
  #lastSound = -Infinity
  #duration = 0

  /** @param first position of the first tag */
  constructor(file: SharedFile, first: number, firstTimestamp: number) {
    this.#file = file
    this.#clock = new FlvClock(firstTimestamp)
    this.#next = first
    // What is passed by would drive out of the cache what players share.
    this.#source = {
      size: file.size,
      read: (position, length) => file.peek(position, length),
      rest: position => file.peek(position, pieceSize),
    }
  }

  /** The last place at a time or before, in milliseconds; undefined if there is none. @throws VodError, whatever the disk throws */
  async find(time: number): Promise<FlvPlace | undefined> {
    while (!this.#isWhole && this.#places.lastTime <= time) await this.#readOn()
    const place = this.#places.at(time)
    if (place === undefined) return undefined
    const { position, time: timestamp } = place
    return { timestamp, position, headers: await this.#headers.before(position, this.#file) }
  }

  /** Milliseconds up to the last frame. Reads the whole file. */
  async duration(): Promise<number> {
    while (!this.#isWhole) await this.#readOn()
    return this.#duration
  }

  /** A piece for all who wait, so that nobody waits for what another one seeks behind it. */
  #readOn(): Promise<void> {
    this.#reading ??= this.#readPiece().finally(() => {
      this.#reading = undefined
    })
    return this.#reading
  }

  async #readPiece(): Promise<void> {
    const end = this.#next + pieceSize
    let isOver = true
    await walkFlvTags(this.#source, this.#next, tag => {
      // Time begins anew in a file behind the file.
      if (tag.file > 0 || this.#headers.isFull) return false
      this.#take(tag)
      this.#next = tag.position + tag.size + flvTagOverhead
      isOver = this.#next < end
      return isOver
    })
    if (!isOver) return
    this.#places.end()
    this.#isWhole = true
  }

  #take(tag: FlvTag): void {
    const { type, timestamp, beginning, position } = tag
    const body = { messageTypeId: type, payload: beginning }
    if (isMediaHeader(body)) return this.#headers.add(tag)
    const [isHeard, isSeen] = [isSound(body), isPicture(body)]
    if (!isHeard && !isSeen) return
    const time = this.#clock.timeOf(timestamp)
    this.#duration = Math.max(this.#duration, time)
    if (isSeen) {
      const tracks = parseVideoHeader(beginning)?.tracks.map(({ trackId }) => trackId)
      this.#track ??= tracks?.[0] ?? 0
      if (isKeyframe(beginning) && tracks?.includes(this.#track) !== false) this.#places.add({ position, time })
    } else if (this.#track === undefined && time >= this.#lastSound + audioInterval) {
      this.#places.add({ position, time })
      this.#lastSound = time
    }
  }
}
