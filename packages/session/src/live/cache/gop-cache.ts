import {
  holdPayload,
  isReusable,
  originOf,
  type PayloadOrigin,
  releasePayload,
  type RtmpMessage,
} from '@rtmpipe/chunk-stream'
import { isPictureRole, MediaRole, mediaRole } from '../../protocol/media-role.ts'
import { maxCachedTracks, pictureTracks, trackZero } from '../../protocol/message-tracks.ts'
import { PackedMessages } from './packed-messages.ts'

/** Bounds of the group-of-pictures cache; crossing one empties it until the next keyframe. */
export interface GopCacheLimits {
  /** Payload bytes; default 16 MiB. */
  readonly maxBytes: number
  /** Milliseconds between the keyframe and the newest message; default 15,000. */
  readonly maxDuration: number
  /** Messages; default 2,500. */
  readonly maxMessages: number
}

/** The limits that hold where none are given. */
export const defaultGopCacheLimits: GopCacheLimits = {
  maxBytes: 16 * 1024 * 1024,
  maxDuration: 15_000,
  maxMessages: 2_500,
}

/**
 * How long before the default track's keyframe those of other tracks may come and still belong to its group.
 * Milliseconds.
 */
export const alignment = 100
/** Most messages that are searched for such keyframes. */
const maxAligned = 32
const noTrack = Infinity
/** Bytes of memory that may be kept beside twice those of the messages. */
const pinnedAnyway = 128 * 1024

type Tracks = ReturnType<typeof pictureTracks>

/**
 * The messages since the last keyframe, audio included, in order of arrival, so that a late player starts with a
 * picture.
 *
 * The lowest of several video tracks is the default one, and its keyframe starts a group. Other tracks join the group
 * at their own first keyframe. Encoders align keyframes, so this is at the start of the group, or just before it when a
 * track sends its keyframe before the default track. A track with keyframes at other times joins later, and
 * {@link isPartial} says so: keeping its messages from before the group would let players begin in the past, with
 * nothing to show.
 */
export class GopCache {
  readonly #limits: GopCacheLimits
  readonly #messages = new PackedMessages()
  #bytes = 0
  /** Bytes of memory that the payloads are parts of, and the last such memory. */
  #pinned = 0
  #origin: PayloadOrigin | undefined
  /** Used while no multitrack message has come: there is only track 0, and this says whether it has had pictures. */
  #isSingle = true
  #hasPictures = false
  /** Index of the newest keyframe of each track in the group. */
  readonly #keyframes = new Map<number, number>()
  /** Tracks that have had pictures, in this group or before. */
  readonly #tracks = new Set<number>()
  #hasMoreTracks = false
  #defaultTrack = noTrack

  constructor(limits: GopCacheLimits = defaultGopCacheLimits) {
    this.#limits = limits
  }

  /** True when there is none to start from. */
  get isEmpty(): boolean {
    return this.#messages.length === 0
  }

  /** From the keyframe on, made anew. Their payloads are held until something else is added. */
  get messages(): RtmpMessage[] {
    return this.#messages.slice()
  }

  /** True when a track is not in the group: its next pictures depend on pictures that are not cached. */
  get isPartial(): boolean {
    return this.#hasMoreTracks || this.#keyframes.size < this.#tracks.size
  }

  add(message: RtmpMessage, role: MediaRole): void {
    if (isPictureRole(role) ? !this.#admits(message, role === MediaRole.Keyframe) : this.#messages.length === 0) return
    this.#bytes += message.payload.length
    this.#keep(message)
    if (this.#isOver(message)) this.#empty()
  }

  /** A new header has come: if the group has pictures that need the old one, the group is useless. */
  newHeader(tracks: Tracks): void {
    for (const { trackId } of tracks) {
      if (this.#isSingle ? trackId === 0 : this.#keyframes.has(trackId)) return this.#empty()
    }
  }

  clear(): void {
    this.#empty()
    this.#isSingle = true
    this.#hasPictures = false
    this.#tracks.clear()
    this.#hasMoreTracks = false
  }

  /** The default track is determined again: the old one may have ended. */
  #empty(): void {
    this.#messages.clear()
    this.#bytes = this.#pinned = 0
    this.#origin = undefined
    this.#defaultTrack = noTrack
    if (!this.#isSingle) this.#keyframes.clear()
  }

  #admits(message: RtmpMessage, isKeyframe: boolean): boolean {
    const tracks = pictureTracks(message)
    if (this.#isSingle) {
      if (tracks === trackZero) return this.#admitsSingle(isKeyframe)
      this.#becomeMany()
    }
    if (!this.#know(tracks)) return false
    if (!isKeyframe) return this.#continues(tracks)
    if (this.#hasDefault(tracks) || this.#messages.length === 0) this.#begin(message)
    this.#place(tracks)
    return true
  }

  /** Shortcut for streams with one track, as most are; the code below would give the same result. */
  #admitsSingle(isKeyframe: boolean): boolean {
    this.#hasPictures = true
    if (isKeyframe) this.#empty()
    return isKeyframe || this.#messages.length > 0
  }

  #becomeMany(): void {
    this.#isSingle = false
    if (this.#hasPictures) this.#know(trackZero)
    if (this.#messages.length > 0) this.#keyframes.set(0, 0)
  }

  /** Starts a group with those messages of the last one that belong to it. */
  #begin({ timestamp }: RtmpMessage): void {
    const defaultTrack = this.#defaultTrack
    const aligned = this.#aligned(timestamp)
    for (const { payload } of aligned) holdPayload(payload)
    this.#empty()
    this.#defaultTrack = defaultTrack
    for (const message of aligned) {
      if (!this.#admitsAligned(message, mediaRole(message))) continue
      this.#bytes += message.payload.length
      this.#keep(message)
    }
    for (const { payload } of aligned) releasePayload(payload)
  }

  /**
   * The payload may be a part of memory that others share, which is kept with it: mostly those of the same stream, so that
   * it costs nothing. Where it would cost more than as much again, it is copied.
   */
  #keep(message: RtmpMessage): void {
    if (this.#origin?.has(message.payload) === true) return this.#messages.push(message, this.#origin)
    const origin = originOf(message.payload)
    if (this.#pinned + origin.byteLength > 2 * this.#bytes + pinnedAnyway) {
      return this.#messages.push({ ...message, payload: Buffer.from(message.payload) })
    }
    this.#origin = origin
    this.#pinned += origin.byteLength
    this.#messages.push(message, origin)
  }

  #admitsAligned(message: RtmpMessage, role: MediaRole): boolean {
    if (!isPictureRole(role)) return this.#messages.length > 0
    const tracks = pictureTracks(message)
    if (role !== MediaRole.Keyframe || this.#hasDefault(tracks)) return this.#continues(tracks)
    this.#place(tracks)
    return true
  }

  #hasDefault(tracks: Tracks): boolean {
    for (const { trackId } of tracks) if (trackId === this.#defaultTrack) return true
    return false
  }

  #place(tracks: Tracks): void {
    for (const { trackId } of tracks) this.#keyframes.set(trackId, this.#messages.length)
  }

  /** True if the group has what these pictures need. */
  #continues(tracks: Tracks): boolean {
    let kept = 0
    for (const { trackId } of tracks) if (this.#keyframes.has(trackId)) kept += 1
    // A multitrack message can't be left out in part: without it the group can go on for none of its tracks.
    if (kept > 0 && kept < tracks.length) this.#empty()
    return kept === tracks.length
  }

  /** False if there would be more tracks than are cached. */
  #know(tracks: Tracks): boolean {
    let known = 0
    for (const { trackId } of tracks) {
      if (this.#tracks.size < maxCachedTracks) this.#tracks.add(trackId)
      if (!this.#tracks.has(trackId)) continue
      known += 1
      if (trackId < this.#defaultTrack) this.#defaultTrack = trackId
    }
    if (known === tracks.length) return true
    this.#hasMoreTracks = true
    if (known > 0) this.#empty()
    return false
  }

  /** The messages from the first keyframe of another track that is so near. */
  #aligned(timestamp: number): readonly RtmpMessage[] {
    let start = this.#messages.length
    for (const [trackId, place] of this.#keyframes) {
      if (trackId === this.#defaultTrack || place >= start) continue
      const distance = (timestamp - this.#messages.timestampAt(place)) | 0
      if (Math.abs(distance) <= alignment) start = place
    }
    return this.#messages.length - start > maxAligned ? [] : this.#messages.slice(start)
  }

  #isOver(newest: RtmpMessage): boolean {
    const { maxBytes, maxDuration, maxMessages } = this.#limits
    const duration = (newest.timestamp - this.#messages.firstTimestamp) | 0
    return this.#bytes > maxBytes || this.#messages.length > maxMessages || duration > maxDuration
  }
}

/**
 * Copies a payload that is a small part of a big read buffer, or in memory that would be used again: keeping it would keep
 * all of that.
 */
export function unpinned(message: RtmpMessage): RtmpMessage {
  const { payload } = message
  if (payload.buffer.byteLength <= 2 * payload.length + 1024 && !isReusable(payload)) return message
  return { ...message, payload: Buffer.from(payload) }
}
