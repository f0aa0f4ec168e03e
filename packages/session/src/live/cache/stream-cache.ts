import { MessageType, type RtmpMessage } from '@rtmpipe/chunk-stream'
import { GopCache, type GopCacheLimits, unpinned } from './gop-cache.ts'
import { defaultSessionLimits } from '../../contract/limits.ts'
import { isPictureRole, MediaRole } from '../../protocol/media-role.ts'
import { pictureTracks } from '../../protocol/message-tracks.ts'
import { metadataWithin } from '../../protocol/metadata-within.ts'
import type { StreamHeaders } from './codec-details.ts'
import { DataHeaders } from './data-headers.ts'
import { TrackHeaders } from './track-headers.ts'

/** The messages of every track that a live stream keeps for late consumers. */
export class StreamCache {
  readonly #gop: GopCache | undefined
  readonly #maxMetadataLength: number
  readonly #audio = new TrackHeaders()
  readonly #video = new TrackHeaders()
  readonly #data = new DataHeaders()
  #metadata: RtmpMessage | undefined
  #timestamp = 0
  #hasVideo = false

  /**
   * @param gop limits of the GOP cache, or `false` to start late players at the next keyframe
   * @param maxMetadataLength bytes; of longer metadata, what fits is kept
   */
  constructor(gop: GopCacheLimits | false, maxMetadataLength: number = defaultSessionLimits.maxMetadataLength) {
    this.#maxMetadataLength = maxMetadataLength
    this.#gop = gop === false ? undefined : new GopCache(gop)
  }

  /** The newest `onMetaData`, if any, as far as it is kept. */
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
    return this.#gop === undefined || this.#gop.isEmpty || this.#gop.isPartial
  }

  add(message: RtmpMessage, role: MediaRole): void {
    if (role !== MediaRole.Metadata) this.#timestamp = message.timestamp
    if (isPictureRole(role)) this.#hasVideo = true
    switch (role) {
      case MediaRole.Metadata:
        this.#metadata = this.#kept(message)
        return
      case MediaRole.DataHeader:
        this.#data.add(unpinned(message))
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
        if (message.messageTypeId === MessageType.DataAmf0 && this.#data.wants(message))
          this.#data.add(unpinned(message))
        else this.#gop?.add(message, role)
    }
  }

  /** Keeps data messages of that name from here on, as `@setDataFrame` asks. */
  keepData(name: string): void {
    this.#data.want(name)
  }

  /** Forgets the data message of that name, as `@clearDataFrame` asks. */
  clearData(name: string): void {
    this.#data.forget(name)
  }

  /** Forgets the metadata only, as `@clearDataFrame` asks. */
  clearMetadata(): void {
    this.#metadata = undefined
  }

  clear(): void {
    this.#metadata = undefined
    this.#data.clear()
    this.#audio.clear()
    this.#video.clear()
    this.#hasVideo = false
    this.#gop?.clear()
  }

  /**
   * Metadata, sequence headers, configurations and the cached group of pictures, in the order that players want. Headers
   * get the time of the group's first message, so that time never runs backwards. Metadata get 0, as other servers send
   * them: FFmpeg takes metadata of any other time for the beginning of a track of subtitles.
   */
  snapshot(): RtmpMessage[] {
    const gop = this.#gop?.messages ?? []
    const timestamp = gop[0]?.timestamp ?? this.#timestamp
    const [audio, video] = [this.#audio, this.#video]
    const headers = [...audio.headers, ...video.headers, ...audio.configurations, ...video.configurations]
    const head = [...this.#data.messages, ...headers].map(message => ({ ...message, timestamp }))
    if (this.#metadata !== undefined) head.unshift({ ...this.#metadata, timestamp: 0 })
    return [...head, ...gop]
  }

  #kept(metadata: RtmpMessage): RtmpMessage | undefined {
    const kept = metadataWithin(metadata, this.#maxMetadataLength)
    return kept && unpinned(kept)
  }
}
