import { randomBytes } from 'node:crypto'
import type { StreamView, Subscription } from '@rtmpipe/session'
import type { Rendition } from '../media/rendition.ts'
import { Segmenter } from '../media/segmenter.ts'
import type { Recording } from '../dvr/recording.ts'
import type { StreamFolder } from '../dvr/stream-folder.ts'
import type { HlsSettings } from '../hls-options.ts'
import { mediaPlaylist } from '../text/media-playlist.ts'
import { multivariantPlaylist } from '../text/multivariant-playlist.ts'
import { type Answer, SharedText } from './answer.ts'
import { CacheTimes } from './cache-times.ts'
import { HlsRefusal } from './hls-refusal.ts'
import type { Directives } from './hls-request.ts'
import { playlistType, typeOf } from './media-types.ts'
import { Waiting } from './waiting.ts'
import type { Watched } from './watched.ts'

/** Texts of a rendition's playlist as it is now. */
interface Texts {
  readonly version: number
  readonly isEnded: boolean
  full?: SharedText
  delta?: SharedText
}

/** A stream as HLS: what is cut of it, and the playlists of that. Cuts while it has a subscription. */
export class Program implements Watched {
  readonly app: string
  readonly name: string
  readonly waiting: Waiting = new Waiting()
  /** Sessions that watch it. */
  viewers = 0
  /** Milliseconds of `performance` at which the publish has ended; undefined while it goes on. */
  endedAt: number | undefined
  /** Where segments go that are too old to be kept in memory. */
  readonly folder: StreamFolder | undefined
  /** What is left of it, when it is closed; undefined for nothing. */
  left: Promise<Recording | undefined> | undefined
  readonly #settings: HlsSettings
  readonly #cache: CacheTimes
  readonly #segmenter: Segmenter
  readonly #texts = new Map<Rendition, Texts>()
  #subscription: Subscription | undefined
  #version = 0

  /** @param folder for what is too old to be kept in memory */
  constructor(stream: StreamView, settings: HlsSettings, folder?: StreamFolder) {
    this.folder = folder
    this.app = stream.app
    this.name = stream.name
    this.#settings = settings
    this.#cache = new CacheTimes(settings.cdn)
    const gop = stream.timing.gop?.duration
    this.#segmenter = new Segmenter({
      ...settings,
      ...windowOf(settings),
      archive: folder,
      gop,
      now: Date.now,
      random: () => randomBytes(12).toString('base64url').replaceAll('-', '_'),
    })
    this.follow(stream)
  }

  /** Milliseconds of the longest segment. */
  get targetDuration(): number {
    return (this.#segmenter.targetDuration ?? Math.ceil(this.#settings.segmentDuration / 1000)) * 1000
  }

  get isReady(): boolean {
    return this.#segmenter.isReady
  }

  /** Goes on with the stream, whose publisher has come back. */
  follow(stream: StreamView): void {
    if (this.#subscription !== undefined) return
    const subscription = stream.subscribe({ whenSlow: 'backpressure', follow: 'expected' })
    this.#subscription = subscription
    this.endedAt = undefined
    subscription.on('data', message => {
      this.#segmenter.take(message)
      this.#changed()
    })
    // What it fails with is told by the end of the stream.
    subscription.on('error', () => {})
    subscription.once('close', () => {
      if (this.#subscription !== subscription) return
      this.#subscription = undefined
      this.endedAt = performance.now()
      this.#segmenter.end()
      this.#changed()
    })
  }

  /** Cuts no more. */
  close(): void {
    const subscription = this.#subscription
    this.#subscription = undefined
    subscription?.destroy()
    if (this.folder !== undefined) this.#settle(this.folder)
    this.waiting.refuse(new HlsRefusal(404, 'this stream has ended'))
  }

  /** The playlist that lists the others; undefined while there is nothing to play. @param query behind each name */
  index(query: string): Answer | undefined {
    if (!this.isReady) return this.#unlessOver()
    return {
      type: playlistType,
      body: new SharedText(this.#index(query)),
      cacheControl: this.#cache.index(this.targetDuration),
    }
  }

  /**
   * A media playlist; undefined while it is not what the directives ask for.
   *
   * @throws HlsRefusal 404 for one that does not exist, 400 for a place too far ahead
   */
  playlist(name: string, directives: Directives): Answer | undefined {
    const rendition = this.#segmenter.renditions.find(one => one.name === name)
    if (rendition === undefined) throw new HlsRefusal(404, 'there is no such playlist')
    if (!this.isReady || !this.#has(rendition, directives)) return undefined
    const texts = this.#textsOf(rendition)
    const which = directives.isDelta ? 'delta' : 'full'
    texts[which] ??= new SharedText(this.#write(rendition, directives.isDelta))
    const cacheControl = this.#cache.playlist(this.targetDuration, directives.segment !== undefined, texts.isEnded)
    return { type: playlistType, body: texts[which], cacheControl }
  }

  /**
   * A part, a segment, or what comes before them; undefined while it is only hinted at.
   *
   * @throws HlsRefusal 404 for what does not exist
   */
  file(name: string): Answer | undefined {
    const { renditions, isEnded } = this.#segmenter
    for (const { window, partTarget } of renditions) {
      const body = window.file(name)
      if (body !== undefined) return { type: typeOf(name), body, cacheControl: this.#cache.media }
      if (partTarget > 0 && !isEnded && window.nextPartName === name) return undefined
    }
    throw new HlsRefusal(404, 'there is no such file, or no longer')
  }

  /** What has come goes into the folder, to its last frame. */
  #settle(folder: StreamFolder): void {
    if (!this.#segmenter.isEnded) this.#segmenter.end()
    if (this.isReady) folder.describe(() => this.#index(''), true)
  }

  #index(query: string): string {
    const { renditions, properties } = this.#segmenter
    return multivariantPlaylist(renditions, properties, query)
  }

  /** Nothing comes any more of what has never begun. */
  #unlessOver(): undefined {
    if (this.endedAt !== undefined) throw new HlsRefusal(404, 'this stream has ended')
  }

  #has({ window, partTarget }: Rendition, { segment, part }: Directives): boolean {
    if (segment === undefined || this.#segmenter.isEnded) return true
    const { open, nextNumber } = window
    if (segment > nextNumber + 1) throw new HlsRefusal(400, '_HLS_msn is too far ahead')
    if (part === undefined || partTarget === 0) return segment < nextNumber
    const parts = segment === nextNumber ? (open?.parts.length ?? 0) : 0
    if (segment >= nextNumber && part >= parts + advanceLimit(partTarget))
      throw new HlsRefusal(400, '_HLS_part is too far ahead')
    if (segment === nextNumber) return part < parts
    if (segment > nextNumber) return false
    // A part behind the last of a segment is the first of the next one.
    const complete = window.segments.find(({ number }) => number === segment)
    if (complete === undefined || part < complete.parts.length) return true
    return segment + 1 < nextNumber || (open?.parts.length ?? 0) > 0
  }

  #textsOf(rendition: Rendition): Texts {
    const { version } = rendition.window
    const { isEnded } = this.#segmenter
    const known = this.#texts.get(rendition)
    if (known?.version === version && known.isEnded === isEnded) return known
    const texts: Texts = { version, isEnded }
    this.#texts.set(rendition, texts)
    return texts
  }

  #write({ window, partTarget }: Rendition, isDelta: boolean): string {
    const { renditions, isEnded } = this.#segmenter
    const others = renditions.flatMap(({ name, window: other }) =>
      other === window ? [] : [{ uri: `${name}.m3u8`, window: other }],
    )
    const targetDuration = this.targetDuration / 1000
    return mediaPlaylist({ window, targetDuration, partTarget, isEnded, others }, isDelta)
  }

  /** Who waits is told only when there is more than before. */
  #changed(): void {
    const { renditions, isEnded } = this.#segmenter
    let version = isEnded ? 1 : 0
    for (const { window } of renditions) version += window.version * 2
    if (version === this.#version) return
    this.#version = version
    if (this.folder !== undefined && this.isReady) this.folder.describe(() => this.#index(''))
    this.waiting.look()
  }
}

/** Parts that may be asked for beyond the last one (RFC 8216bis §6.2.5.2). */
function advanceLimit(partTarget: number): number {
  return partTarget < 1000 ? Math.ceil(3000 / partTarget) : 3
}

/** What is listed, how much of it is in memory, and how many bytes that may be. */
function windowOf({ dvr, window, maxBytes }: HlsSettings): { window: number; memory?: number; maxBytes: number } {
  if (dvr === undefined) return { window, maxBytes }
  const listed = Math.max(window, dvr.seconds * 1000)
  return dvr.folder === undefined
    ? { window: listed, maxBytes: dvr.maxBytes }
    : { window: listed, memory: window, maxBytes }
}
