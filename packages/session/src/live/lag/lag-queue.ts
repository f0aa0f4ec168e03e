import { MessageType, type RtmpMessage } from '@rtmpipe/chunk-stream'
import { defaultLagLimits, type LagLimits, type SlowQueue } from '../../contract/slow-consumer.ts'
import type { DropCounts, DropReason } from './drop-counts.ts'
import { KeyframeWait } from './keyframe-wait.ts'
import { isPictureRole, isConfiguration, MediaRole, mediaRole } from '../../protocol/media-role.ts'
import { newestGroup, newestHeaders } from './newest-group.ts'

/** Bytes that count for a message beside its payload: empty messages cost memory too. */
const messageOverhead = 64

interface Waiting {
  readonly message: RtmpMessage
  /** When it came, by our clock in milliseconds: timestamps are the publisher's, and may jump. */
  readonly arrival: number
}

/** The messages a consumer has not taken yet, see {@link SlowQueue}. */
export class LagQueue implements SlowQueue {
  /** What it may hold; whoever fills it looks at {@link LagQueue.isOverLimit}. */
  readonly limits: LagLimits
  readonly #drops: DropCounts | undefined
  #waiting: Waiting[] = []
  #head = 0
  #bytes = 0
  /** Bytes pushed since the last drop looked through the queue. */
  #newBytes = 0
  /** No audio waits before this index. */
  #audioFrom = 0
  #dropped = 0
  #wait = new KeyframeWait()
  #marksNext = false

  /** @param drops counts what is dropped here, with what others drop */
  constructor(limits: LagLimits = defaultLagLimits, drops?: DropCounts) {
    this.limits = limits
    this.#drops = drops
  }

  /** Messages that wait. */
  get length(): number {
    return this.#waiting.length - this.#head
  }

  get bytes(): number {
    return this.#bytes
  }

  get duration(): number {
    const oldest = this.#waiting[this.#head]
    const newest = this.#waiting[this.#waiting.length - 1]
    return oldest === undefined || newest === undefined ? 0 : Math.round(newest.arrival - oldest.arrival)
  }

  /** True when the next message would come out at once, and as it went in. */
  get isClear(): boolean {
    return this.length === 0 && this.#wait.isOver && !this.#marksNext
  }

  /** When the oldest one came that waits. */
  get oldest(): number | undefined {
    return this.#waiting[this.#head]?.arrival
  }

  get dropped(): number {
    return this.#dropped
  }

  /** True when it holds more than its limits allow. */
  get isOverLimit(): boolean {
    return this.#bytes > this.limits.maxBytes || this.duration > this.limits.maxDuration
  }

  /** True when at most half of each limit is used: a publisher that was paused may go on. */
  get isHalfEmpty(): boolean {
    return this.#bytes <= this.limits.maxBytes / 2 && this.duration <= this.limits.maxDuration / 2
  }

  get hasGrown(): boolean {
    return this.#newBytes >= (this.#bytes - this.#newBytes) / 4
  }

  /** True while coded video is thrown away until the next keyframe, of any track. */
  get waitsForKeyframe(): boolean {
    return !this.#wait.isOver
  }

  /** Lets the next video of each track be a keyframe: what comes before it is thrown away. */
  waitForKeyframe(): void {
    this.#wait.begin()
  }

  /**
   * Adds the newest message, unless it has to wait for a keyframe.
   *
   * @param arrival when it has come, by `performance.now()`; default now
   */
  push(message: RtmpMessage, arrival: number = performance.now()): void {
    if (!this.#wait.isOver && !this.#wait.admits(message, mediaRole(message))) {
      this.#drop(message, 'keyframe')
      return
    }
    this.#waiting.push({ message, arrival })
    this.#bytes += message.payload.length + messageOverhead
    this.#newBytes += message.payload.length + messageOverhead
  }

  /** The oldest message, or nothing. After a drop the first one out carries the discontinuity mark. */
  shift(): RtmpMessage | undefined {
    const message = this.#waiting[this.#head]?.message
    if (message === undefined) return undefined
    this.#head += 1
    this.#bytes -= message.payload.length + messageOverhead
    if (this.#head === this.#waiting.length || this.#head > 1024) {
      this.#waiting = this.#waiting.slice(this.#head)
      this.#audioFrom = Math.max(this.#audioFrom - this.#head, 0)
      this.#head = 0
    }
    if (!this.#marksNext) return message
    this.#marksNext = false
    return { ...message, discontinuity: true }
  }

  /** The oldest audio message, past whatever else waits. */
  shiftAudio(): RtmpMessage | undefined {
    // Called often: messages that are known not to be audio are not looked at twice.
    let index = Math.max(this.#audioFrom, this.#head)
    while (index < this.#waiting.length && this.#waiting[index]?.message.messageTypeId !== MessageType.Audio) index += 1
    this.#audioFrom = index
    const [audio] = this.#waiting.splice(index, 1)
    if (audio === undefined) return undefined
    this.#bytes -= audio.message.payload.length + messageOverhead
    return audio.message
  }

  /** Throws everything away; it is not counted as dropped. */
  clear(): void {
    this.#waiting = []
    this.#head = this.#audioFrom = 0
    this.#bytes = this.#newBytes = 0
  }

  /** The next message comes after a hole that the consumer has asked for. */
  markNext(): void {
    this.#marksNext = true
  }

  /** Removes messages that the consumer does not want any more; they are not counted as dropped. */
  remove(isUnwanted: (message: RtmpMessage) => boolean): void {
    const kept = this.#waiting.slice(this.#head).filter(({ message }) => !isUnwanted(message))
    this.clear()
    this.#waiting = kept
    for (const { message } of kept) this.#bytes += message.payload.length + messageOverhead
  }

  dropDisposable(): void {
    this.#keep((_message, role) => role !== MediaRole.Disposable)
  }

  dropVideoToKeyframe(): void {
    const messages = this.#queued
    const roles = messages.map(mediaRole)
    const start = newestGroup(messages, roles)
    const headers = newestHeaders(messages.slice(0, start), roles, [MediaRole.VideoHeader, MediaRole.VideoColors])
    const newestMetadata = roles.lastIndexOf(MediaRole.Metadata)
    const wait = new KeyframeWait()
    wait.begin()
    this.#keep((message, role, index) => {
      if (role === MediaRole.Metadata) return index === newestMetadata
      if (index >= start) return wait.admits(message, role)
      if (isPictureRole(role) || role === MediaRole.VideoHeader) wait.see(message)
      if (role === MediaRole.VideoHeader || role === MediaRole.VideoColors) return headers.has(message)
      return !isPictureRole(role)
    })
    wait.restrictTo(this.#wait)
    this.#wait = wait
  }

  dropOldAudio(): void {
    const messages = this.#queued
    const middle = messages.length >> 1
    const roles = messages.map(mediaRole)
    const headers = newestHeaders(messages, roles, [MediaRole.AudioHeader, MediaRole.AudioChannels])
    this.#keep((message, role, index) => {
      if (role === MediaRole.AudioHeader || role === MediaRole.AudioChannels) {
        return index >= middle || headers.has(message)
      }
      return role !== MediaRole.Audio || index >= middle
    })
  }

  #keep(wanted: (message: RtmpMessage, role: MediaRole, index: number) => boolean): void {
    const kept: Waiting[] = []
    this.#bytes = this.#newBytes = 0
    for (let index = this.#head; index < this.#waiting.length; index += 1) {
      const waiting = this.#waiting[index] as Waiting
      const { message } = waiting
      if (wanted(message, mediaRole(message), index - this.#head)) {
        kept.push(waiting)
        this.#bytes += message.payload.length + messageOverhead
      } else this.#drop(message, 'lag')
    }
    this.#waiting = restampHeaders(kept)
    this.#head = this.#audioFrom = 0
  }

  get #queued(): RtmpMessage[] {
    return this.#waiting.slice(this.#head).map(({ message }) => message)
  }

  #drop(message: RtmpMessage, reason: DropReason): void {
    this.#dropped += 1
    this.#drops?.add(message, reason)
    this.#marksNext = true
  }
}

/**
 * Headers whose pictures are gone get the time of what follows them, and count as having come with it: players must not
 * see time run backwards or stand still.
 */
function restampHeaders(waiting: Waiting[]): Waiting[] {
  const isHeader = ({ message }: Waiting) => {
    const role = mediaRole(message)
    return role === MediaRole.Metadata || isConfiguration(role)
  }
  const first = waiting.findIndex(each => !isHeader(each))
  const next = waiting[first < 0 ? waiting.length - 1 : first]
  if (next === undefined) return waiting
  const { arrival } = next
  const { timestamp } = next.message
  const headers = waiting
    .slice(0, first < 0 ? undefined : first)
    .map(({ message }) => ({ message: { ...message, timestamp }, arrival }))
  return first < 0 ? headers : [...headers, ...waiting.slice(first)]
}
