import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { isEmptyHeader } from '@rtmpipe/flv'
import { configuredTracks, maxCachedTracks } from '../../protocol/message-tracks.ts'

/** Bounds of {@link TrackHeaders}: what would cross one is not kept. */
export interface TrackHeaderLimits {
  /** Tracks with a header, and as many configurations; default 32. */
  readonly maxTracks: number
  /** Payload bytes of all of them; default 1 MiB. */
  readonly maxBytes: number
}

export const defaultTrackHeaderLimits: TrackHeaderLimits = { maxTracks: maxCachedTracks, maxBytes: 1024 * 1024 }

interface Header {
  readonly message: RtmpMessage
  readonly codec: string
}

/**
 * The newest sequence header of each track of one kind, audio or video, and the newest configuration of each: the color
 * of video (VideoPacketType.Metadata), the channels of audio (AudioPacketType.MultichannelConfig).
 *
 * A header replaces that of its track whatever the codec, unless it is empty. Configurations are kept by track and codec, because FFmpeg
 * sends the color of later tracks as if they were track 0: it must not replace that of track 0, which has another
 * codec.
 */
export class TrackHeaders {
  readonly #limits: TrackHeaderLimits
  // In order of arrival: of two messages with a track in common the newer comes last and wins.
  readonly #headers = new Map<number, Header>()
  readonly #configurations = new Map<string, RtmpMessage>()

  constructor(limits: TrackHeaderLimits = defaultTrackHeaderLimits) {
    this.#limits = limits
  }

  /** Each message once, even if it is for several tracks. */
  get headers(): RtmpMessage[] {
    return [...new Set(Array.from(this.#headers.values(), ({ message }) => message))]
  }

  get configurations(): RtmpMessage[] {
    return [...new Set(this.#configurations.values())]
  }

  /** False if its tracks keep the headers they have: encoders repeat headers, and some send empty ones. */
  addHeader(message: RtmpMessage): boolean {
    let isNew = false
    const kept: [trackId: number, header: Header][] = []
    for (const { trackId, codec } of configuredTracks(message)) {
      const last = this.#headers.get(trackId)
      this.#headers.delete(trackId)
      if (last !== undefined && isEmptyHeader(message, trackId) && !isEmptyHeader(last.message, trackId)) {
        kept.push([trackId, last])
        continue
      }
      isNew ||= last === undefined || !last.message.payload.equals(message.payload)
      if (last !== undefined && last.codec !== codec) this.#forgetConfiguration(trackId, last.codec)
      if (this.#headers.size < this.#limits.maxTracks) this.#headers.set(trackId, { message, codec })
    }
    for (const [trackId, header] of kept) this.#headers.set(trackId, header)
    if (this.#isOver) {
      for (const [trackId, header] of this.#headers) if (header.message === message) this.#headers.delete(trackId)
    }
    return isNew
  }

  addConfiguration(message: RtmpMessage): void {
    for (const { trackId, codec } of configuredTracks(message)) {
      const key = keyOf(trackId, codec)
      this.#configurations.delete(key)
      if (this.#configurations.size < this.#limits.maxTracks) this.#configurations.set(key, message)
    }
    if (!this.#isOver) return
    for (const [key, last] of this.#configurations) if (last === message) this.#configurations.delete(key)
  }

  clear(): void {
    this.#headers.clear()
    this.#configurations.clear()
  }

  get #isOver(): boolean {
    const messages = [...this.headers, ...this.configurations]
    return messages.reduce((bytes, { payload }) => bytes + payload.length, 0) > this.#limits.maxBytes
  }

  /** A configuration of track 0 may be meant for another track with that codec. */
  #forgetConfiguration(trackId: number, codec: string): void {
    const isUsed = [...this.#headers.values()].some(header => header.codec === codec)
    if (trackId !== 0 || !isUsed) this.#configurations.delete(keyOf(trackId, codec))
  }
}

function keyOf(trackId: number, codec: string): string {
  return `${trackId} ${codec}`
}
