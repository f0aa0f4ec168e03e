import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { isPictureRole, KeyframeWait, type MediaRole, mediaRole } from '@rtmpipe/session'
import type { Clock } from '../contract/clock.ts'
import {
  FrameFlag,
  type FrameHead,
  frameHeaderLength,
  FrameKind,
  type FramedMessage,
  MessageFlag,
  type SignFrame,
} from '../wire/frame.ts'
import { maxFrameLength } from '../wire/limits.ts'
import { subjects } from '../wire/subjects.ts'
import { framedLength, mediaFrame, needsFragments, partFrames, signFrame } from '../wire/write-frame.ts'
import { framed, headerFlags } from './framed.ts'
import type { Hop } from './hop.ts'

/** Numbers the messages of a publish and sends them as frames; leaves pictures out when the network does not take them. */
export class FrameSender {
  readonly #hop: Hop
  readonly #clock: Clock
  readonly #subject: string
  /** Of the last message. */
  #seq = 0
  #headers = 0
  #lastSent = -Infinity
  /** Undefined while pictures of all tracks go on. */
  #wait: KeyframeWait | undefined
  /** Pictures have been left out since the network did not take them; the wait has begun with the first. */
  #isDropping = false
  /** The next message comes after a hole, and so does the next keyframe. */
  #marksNext = false
  #marksKeyframe = false
  #dropped = 0

  constructor(hop: Hop, clock: Clock, sid: string, epoch: number) {
    this.#hop = hop
    this.#clock = clock
    this.#subject = subjects.media(sid, epoch)
  }

  /** Number of the last message. */
  get seq(): number {
    return this.#seq
  }

  /** Metadata and headers so far, see {@link FrameHead.headers}. */
  get headers(): number {
    return this.#headers
  }

  /** When something was sent last, of the clock. */
  get lastSent(): number {
    return this.#lastSent
  }

  /** Pictures left out so far. */
  get dropped(): number {
    return this.#dropped
  }

  /** Sends what was ready together: one frame, unless it is too long for one. */
  send(messages: readonly RtmpMessage[]): void {
    const { isFull, isOpen } = this.#hop
    if (!isFull) this.#isDropping = false
    let batch: FramedMessage[] = []
    let length = frameHeaderLength
    for (const message of messages) {
      const role = mediaRole(message)
      if (!this.#admits(message, role, isFull)) continue
      // Nobody gets it, and all find the hole.
      if (!isOpen) {
        this.#number(framed(message, role))
        continue
      }
      const marked = this.#marked(framed(message, role))
      const isLong = needsFragments(marked)
      if (isLong || length + framedLength(marked) > maxFrameLength) {
        this.#sendFrame(batch, length)
        batch = []
        length = frameHeaderLength
      }
      if (isLong) this.#sendFragments(marked)
      else {
        batch.push(marked)
        length += framedLength(marked)
      }
    }
    this.#sendFrame(batch, length)
  }

  /**
   * What has not gone through here, as nobody was there. One who still is, as its renewals were lost on the way, finds a
   * hole, and asks for headers if there are more than it knows.
   */
  passOver(messages: readonly RtmpMessage[]): void {
    if (this.#lastSent !== -Infinity) this.#seq = (this.#seq + 1) >>> 0
    for (const message of messages) if ((framed(message, mediaRole(message)).flags & headerFlags) !== 0) this.#count()
  }

  /** Shows that nothing has been lost. */
  tick(): void {
    this.#sign(FrameKind.Tick, 0)
  }

  /** @param isCutOff the process ends, not the publish */
  end(isCutOff: boolean): void {
    this.#sign(FrameKind.End, isCutOff ? FrameFlag.CutOff : 0)
  }

  /** Sends what late ones begin with, which contains all that has been sent. */
  snapshot(subject: string, messages: readonly FramedMessage[]): void {
    const head = this.#head(this.#clock.now(), this.#seq, flagsOf(messages) & FrameFlag.Key)
    const reserve = (length: number): Buffer => this.#hop.reserve(subject, length)
    for (const frame of partFrames(FrameKind.Snapshot, head, messages, reserve)) this.#hop.publish(subject, frame, true)
  }

  #admits(message: RtmpMessage, role: MediaRole, isFull: boolean): boolean {
    if (isFull && isPictureRole(role)) {
      if (!this.#isDropping) {
        this.#wait ??= new KeyframeWait()
        this.#wait.begin()
        this.#isDropping = this.#marksNext = this.#marksKeyframe = true
      }
      this.#wait?.see(message)
    } else if (this.#wait === undefined || this.#wait.admits(message, role)) {
      if (this.#wait?.isOver === true) this.#wait = undefined
      return true
    }
    this.#dropped += 1
    this.#hop.leaveOut(message.payload.length)
    return false
  }

  #sendFragments(message: FramedMessage): void {
    this.#number(message)
    const now = this.#clock.now()
    const head = this.#head(now, this.#seq, flagsOf([message]))
    const reserve = (length: number): Buffer => this.#hop.reserve(this.#subject, length)
    for (const frame of partFrames(FrameKind.Fragment, head, [message], reserve)) this.#publish(frame, now)
  }

  #marked(message: FramedMessage): FramedMessage {
    const resumes = this.#marksKeyframe && (message.flags & MessageFlag.Key) !== 0
    if (resumes) this.#marksKeyframe = false
    if (!resumes && !this.#marksNext) return message
    this.#marksNext = false
    return { ...message, flags: message.flags | MessageFlag.Discontinuity }
  }

  /** @param length of the frame */
  #sendFrame(messages: readonly FramedMessage[], length: number): void {
    if (messages.length === 0) return
    const first = (this.#seq + 1) >>> 0
    for (const message of messages) this.#number(message)
    const now = this.#clock.now()
    const head = this.#head(now, first, flagsOf(messages))
    this.#publish(mediaFrame(head, messages, this.#hop.reserve(this.#subject, length)), now)
  }

  #number({ flags }: FramedMessage): void {
    this.#seq = (this.#seq + 1) >>> 0
    if ((flags & headerFlags) !== 0) this.#count()
  }

  #count(): void {
    this.#headers = (this.#headers + 1) >>> 0
  }

  #sign(kind: SignFrame['kind'], flags: number): void {
    const now = this.#clock.now()
    const head = this.#head(now, this.#seq + 1, flags)
    this.#publish(signFrame(kind, head, this.#hop.reserve(this.#subject, frameHeaderLength)), now)
  }

  #head(sentAt: number, seq: number, flags: number): FrameHead {
    const state = this.#marksKeyframe ? FrameFlag.AudioOnly : 0
    return { flags: flags | state, seq: seq >>> 0, sentAt, headers: this.#headers }
  }

  #publish(frame: Buffer, now: number): void {
    this.#lastSent = now
    this.#hop.publish(this.#subject, frame, false, now)
  }
}

function flagsOf(messages: readonly FramedMessage[]): number {
  let flags = ((messages[0]?.flags ?? 0) & MessageFlag.Discontinuity) === 0 ? 0 : FrameFlag.Discontinuity
  for (const message of messages) if ((message.flags & MessageFlag.Key) !== 0) flags |= FrameFlag.Key
  return flags
}
