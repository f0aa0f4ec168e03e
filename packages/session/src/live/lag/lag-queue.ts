import { MessageType, type RtmpMessage } from '@rtmpipe/chunk-stream'
import { defaultLagLimits, type LagLimits, type SlowQueue } from '../../contract/slow-consumer.ts'
import { KeyframeWait } from './keyframe-wait.ts'
import { isPictureRole, isConfiguration, MediaRole, mediaRole } from '../../protocol/media-role.ts'
import { newestGroup, newestHeaders } from './newest-group.ts'

/** Bytes that count for a message beside its payload: empty messages cost memory too. */
const messageOverhead = 64

/** The messages a consumer has not taken yet, see {@link SlowQueue}. */
export class LagQueue implements SlowQueue {
  /** What it may hold; whoever fills it looks at {@link LagQueue.isOverLimit}. */
  readonly limits: LagLimits
  #messages: RtmpMessage[] = []
  #head = 0
  #bytes = 0
  /** Bytes pushed since the last drop looked through the queue. */
  #newBytes = 0
  /** No audio waits before this index. */
  #audioFrom = 0
  #dropped = 0
  #wait = new KeyframeWait()
  #marksNext = false

  constructor(limits: LagLimits = defaultLagLimits) {
    this.limits = limits
  }

  /** Messages that wait. */
  get length(): number {
    return this.#messages.length - this.#head
  }

  get bytes(): number {
    return this.#bytes
  }

  get duration(): number {
    const oldest = this.#messages[this.#head]
    const newest = this.#messages[this.#messages.length - 1]
    return oldest === undefined || newest === undefined ? 0 : (newest.timestamp - oldest.timestamp) | 0
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

  /** Adds the newest message, unless it has to wait for a keyframe. */
  push(message: RtmpMessage): void {
    if (!this.#wait.isOver && !this.#wait.admits(message, mediaRole(message))) {
      this.#drop()
      return
    }
    this.#messages.push(message)
    this.#bytes += message.payload.length + messageOverhead
    this.#newBytes += message.payload.length + messageOverhead
  }

  /** The oldest message, or nothing. After a drop the first one out carries the discontinuity mark. */
  shift(): RtmpMessage | undefined {
    const message = this.#messages[this.#head]
    if (message === undefined) return undefined
    this.#head += 1
    this.#bytes -= message.payload.length + messageOverhead
    if (this.#head === this.#messages.length || this.#head > 1024) {
      this.#messages = this.#messages.slice(this.#head)
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
    while (index < this.#messages.length && this.#messages[index]?.messageTypeId !== MessageType.Audio) index += 1
    this.#audioFrom = index
    const [message] = this.#messages.splice(index, 1)
    if (message === undefined) return undefined
    this.#bytes -= message.payload.length + messageOverhead
    return message
  }

  /** Throws everything away; it is not counted as dropped. */
  clear(): void {
    this.#messages = []
    this.#head = this.#audioFrom = 0
    this.#bytes = this.#newBytes = 0
  }

  /** The next message comes after a hole that the consumer has asked for. */
  markNext(): void {
    this.#marksNext = true
  }

  /** Removes messages that the consumer does not want any more; they are not counted as dropped. */
  remove(isUnwanted: (message: RtmpMessage) => boolean): void {
    const kept = this.#messages.slice(this.#head).filter(message => !isUnwanted(message))
    this.clear()
    this.#messages = kept
    for (const { payload } of kept) this.#bytes += payload.length + messageOverhead
  }

  dropDisposable(): void {
    this.#keep((_message, role) => role !== MediaRole.Disposable)
  }

  dropVideoToKeyframe(): void {
    const messages = this.#messages.slice(this.#head)
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
    const messages = this.#messages.slice(this.#head)
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
    const kept: RtmpMessage[] = []
    this.#bytes = this.#newBytes = 0
    for (let index = this.#head; index < this.#messages.length; index += 1) {
      const message = this.#messages[index] as RtmpMessage
      if (wanted(message, mediaRole(message), index - this.#head)) {
        kept.push(message)
        this.#bytes += message.payload.length + messageOverhead
      } else this.#drop()
    }
    this.#messages = restampHeaders(kept)
    this.#head = this.#audioFrom = 0
  }

  #drop(): void {
    this.#dropped += 1
    this.#marksNext = true
  }
}

/**
 * Headers whose pictures are gone get the time of what follows them: players must not see time run backwards or stand
 * still.
 */
function restampHeaders(messages: RtmpMessage[]): RtmpMessage[] {
  const isHeader = (message: RtmpMessage) => {
    const role = mediaRole(message)
    return role === MediaRole.Metadata || isConfiguration(role)
  }
  const first = messages.findIndex(message => !isHeader(message))
  const timestamp = messages[first < 0 ? messages.length - 1 : first]?.timestamp ?? 0
  const headers = messages.slice(0, first < 0 ? undefined : first).map(header => ({ ...header, timestamp }))
  return first < 0 ? headers : [...headers, ...messages.slice(first)]
}
