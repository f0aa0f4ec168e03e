import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { GopCache, type GopCacheLimits, unpinned } from './gop-cache.ts'
import { isPictureRole, MediaRole } from '../../protocol/media-role.ts'
import { pictureTracks } from '../../protocol/message-tracks.ts'
import type { StreamHeaders } from './codec-details.ts'
import { TrackHeaders } from './track-headers.ts'

/** The messages of every track that a live stream keeps for late consumers. */
export class StreamCache {
  readonly #gop: GopCache | undefined
  readonly #audio = new TrackHeaders()
  readonly #video = new TrackHeaders()
  #metadata: RtmpMessage | undefined
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

  /** What is known of the stream's codecs. */
  get headers(): StreamHeaders {
    return { audio: this.#audio.headers, video: this.#video.headers, metadata: this.#metadata }
  }

  /** True when pictures of some track have come that are not cached: its next pictures depend on them. */
  get isMidGroup(): boolean {
    if (!this.#hasVideo) return false
    return this.#gop === undefined || this.#gop.messages.length === 0 || this.#gop.isPartial
  }

  add(message: RtmpMessage, role: MediaRole): void {
    this.#timestamp = message.timestamp
    if (isPictureRole(role)) this.#hasVideo = true
    switch (role) {
      case MediaRole.Metadata:
        this.#metadata = unpinned(message)
        return
      case MediaRole.AudioHeader:
        this.#audio.addHeader(unpinned(message))
        return
      case MediaRole.VideoHeader:
        if (this.#video.addHeader(unpinned(message))) this.#gop?.newHeader(pictureTracks(message))
        return
      case MediaRole.AudioChannels:
        this.#audio.addConfiguration(unpinned(message))
        return
      case MediaRole.VideoColors:
        this.#video.addConfiguration(unpinned(message))
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
    this.#metadata = undefined
    this.#audio.clear()
    this.#video.clear()
    this.#hasVideo = false
    this.#gop?.clear()
  }

  /**
   * Metadata, sequence headers, configurations and the cached group of pictures, in the order that players want. All
   * messages before the group get the time of its first message, so that time never runs backwards.
   */
  snapshot(): RtmpMessage[] {
    const gop = this.#gop?.messages ?? []
    const timestamp = gop[0]?.timestamp ?? this.#timestamp
    const [audio, video] = [this.#audio, this.#video]
    const head = [...audio.headers, ...video.headers, ...audio.configurations, ...video.configurations]
    if (this.#metadata !== undefined) head.unshift(this.#metadata)
    return [...head.map(message => ({ ...message, timestamp })), ...gop]
  }
}
