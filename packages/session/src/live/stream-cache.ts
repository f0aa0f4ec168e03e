import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { GopCache, type GopCacheLimits, unpinned } from './gop-cache.ts'
import { isCodedVideo, MediaRole } from './media-role.ts'

/** What a live stream keeps for those who join it late. */
export class StreamCache {
  readonly #gop: GopCache | undefined
  #metadata: RtmpMessage | undefined
  #audioHeader: RtmpMessage | undefined
  #videoHeader: RtmpMessage | undefined
  #timestamp = 0
  #hasVideo = false

  /** @param gop limits of the GOP cache, or `false` to start late players at the next keyframe */
  constructor(gop: GopCacheLimits | false) {
    this.#gop = gop === false ? undefined : new GopCache(gop)
  }

  /** The newest `onMetaData`, if any. */
  get metadata(): RtmpMessage | undefined {
    return this.#metadata
  }

  /** True when pictures have come, but none are cached: the next ones depend on some that are gone. */
  get isMidGroup(): boolean {
    return this.#hasVideo && (this.#gop?.messages.length ?? 0) === 0
  }

  add(message: RtmpMessage, role: MediaRole): void {
    this.#timestamp = message.timestamp
    if (isCodedVideo(role)) this.#hasVideo = true
    switch (role) {
      case MediaRole.Metadata:
        this.#metadata = unpinned(message)
        return
      case MediaRole.AudioHeader:
        this.#audioHeader = unpinned(message)
        return
      case MediaRole.VideoHeader:
        this.#videoHeader = unpinned(message)
        // The cached pictures need the old header: they can't be decoded with this one.
        this.#gop?.clear()
        return
      default:
        this.#gop?.add(message, role)
    }
  }

  /** Forgets the metadata only, as `@clearDataFrame` asks. */
  clearMetadata(): void {
    this.#metadata = undefined
  }

  clear(): void {
    this.#metadata = this.#audioHeader = this.#videoHeader = undefined
    this.#hasVideo = false
    this.#gop?.clear()
  }

  /**
   * Metadata, sequence headers and the cached group of pictures, in the order players want them. The headers bear the
   * time of the first picture, so that time never runs backwards.
   */
  snapshot(): RtmpMessage[] {
    const gop = this.#gop?.messages ?? []
    const timestamp = gop[0]?.timestamp ?? this.#timestamp
    const headers = [this.#metadata, this.#audioHeader, this.#videoHeader].filter(header => header !== undefined)
    return [...headers.map(header => ({ ...header, timestamp })), ...gop]
  }
}
