import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { isPictureRole, mediaRole, type StreamView } from '@rtmpipe/session'
import type { Bus, BusMessage } from '../contract/bus.ts'
import type { Clock } from '../contract/clock.ts'
import type { FramedMessage } from '../wire/frame.ts'
import {
  type BusyAnswer,
  type JoinAnswer,
  joinMessage,
  type JoinRequest,
  parseJoinRequest,
} from '../wire/join-messages.ts'
import { maxSnapshotLength } from '../wire/limits.ts'
import { isReply, subjects } from '../wire/subjects.ts'
import { framedLength } from '../wire/write-frame.ts'
import { FrameSender } from './frame-sender.ts'
import { framed } from './framed.ts'
import type { Hop } from './hop.ts'
import { JoinWindow } from './join-window.ts'
import { Joins } from './joins.ts'
import { retryAfter, tickTime } from './limits.ts'
import { SenderTap } from './sender-tap.ts'

/** What a stream is offered with. */
export interface OfferedStreamOptions {
  /** The connection for the media of this stream. */
  readonly bus: Bus
  /** Of that connection, see {@link Hops}. */
  readonly hop: Hop
  readonly clock: Clock
  readonly sid: string
  /** Of the claim. */
  readonly epoch: number
  readonly stream: StreamView
}

/**
 * A publish of this process that other nodes may join. While none has, nothing is read of it and nothing is sent. What
 * late ones begin with is the stream's own cache: no copy is kept here.
 */
export class OfferedStream {
  readonly #bus: Bus
  readonly #clock: Clock
  readonly #epoch: number
  readonly #stream: StreamView
  readonly #snapshotSubject: string
  readonly #sender: FrameSender
  readonly #joins = new Joins()
  readonly #window: JoinWindow
  readonly #unsubscribe: () => void
  /** Ends the reading; undefined while nobody has joined. */
  #endTap: (() => void) | undefined
  #stopTimer = (): void => {}
  #isClosed = false

  constructor({ bus, hop, clock, sid, epoch, stream }: OfferedStreamOptions) {
    this.#bus = bus
    this.#clock = clock
    this.#epoch = epoch
    this.#stream = stream
    this.#snapshotSubject = subjects.snapshots(sid, epoch)
    this.#sender = new FrameSender(hop, clock, sid, epoch)
    this.#window = new JoinWindow(clock, hop, waiting => this.#serve(waiting))
    this.#unsubscribe = bus.subscribe(subjects.joins(sid), message => this.#take(message))
  }

  /** How many joins there are. */
  get joins(): number {
    return this.#joins.size
  }

  /** Pictures left out because the network did not take them. */
  get dropped(): number {
    return this.#sender.dropped
  }

  /**
   * Tells the end and takes no more joins. Idempotent.
   *
   * @param isCutOff the publish goes on, but not here: those who follow it shall not take it for the end
   */
  close(isCutOff = false): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#unsubscribe()
    this.#window.clear()
    if (this.#endTap === undefined) return
    this.#sender.end(isCutOff)
    this.#stop()
  }

  #take({ payload, reply }: BusMessage): void {
    let request: JoinRequest
    try {
      request = parseJoinRequest(payload)
    } catch {
      // It concerns nobody but its sender, who gets no answer.
      return
    }
    if (request.leave) this.#leave(request)
    else if (request.renew) this.#renew(request)
    else if (isReply(reply)) this.#join(request, reply)
  }

  /** One who has joined and been forgotten may go on as long as others do; else it finds silence, and joins again. */
  #renew(request: JoinRequest): void {
    if (this.#endTap !== undefined) this.#joins.add(request, this.#clock.now())
  }

  #leave(request: JoinRequest): void {
    this.#joins.delete(request)
    this.#window.leave(request)
    if (this.#joins.size === 0) this.#stop()
  }

  #join(request: JoinRequest, reply: string): void {
    // After its end, until the claim is given back, there is nothing to join.
    if (!this.#stream.isPublishing) return
    if (!this.#joins.add(request, this.#clock.now())) return this.#answer(reply, { retryAfter })
    const turn = this.#window.enter(request)
    if (turn === 'busy') {
      this.#joins.delete(request)
      return this.#answer(reply, { retryAfter })
    }
    if (turn === 'now') {
      const messages = this.#snapshot(request.max)
      this.#answerJoin(reply, 'inbox')
      this.#sender.snapshot(reply, messages)
    } else this.#answerJoin(reply, 'shared')
  }

  /** One snapshot for all who wait, as long as the most patient of them wants it. */
  #serve(waiting: readonly JoinRequest[]): void {
    if (!this.#stream.isPublishing) return
    const max = Math.max(...waiting.map(({ max = Infinity }) => max))
    this.#sender.snapshot(this.#snapshotSubject, this.#snapshot(max))
  }

  #answerJoin(reply: string, mode: JoinAnswer['mode']): void {
    const { headers, seq } = this.#sender
    this.#answer(reply, { epoch: this.#epoch, headers, seq, mode })
  }

  #answer(reply: string, answer: JoinAnswer | BusyAnswer): void {
    this.#bus.publish(reply, joinMessage(answer))
  }

  /**
   * What late ones begin with. All before it has been sent when it returns, and nothing that it contains is sent
   * afterwards. To be sent at once: payloads are good until something else is published.
   */
  #snapshot(max: number = Infinity): FramedMessage[] {
    const messages = this.#endTap === undefined ? this.#begin() : this.#again()
    const framedMessages = messages.map(message => framed(message, mediaRole(message)))
    const length = framedMessages.reduce((sum, message) => sum + framedLength(message), 0)
    if (length <= Math.min(max, maxSnapshotLength)) return framedMessages
    // Headers come before the first picture.
    const pictures = messages.findIndex(message => isPictureRole(mediaRole(message)))
    return framedMessages.slice(0, pictures < 0 ? undefined : pictures)
  }

  /** Reads the stream from here on. What it begins with has not been sent, and is not to be. */
  #begin(): readonly RtmpMessage[] {
    const tap = new SenderTap(this.#sender, () => this.close())
    this.#endTap = this.#stream.tap(tap)
    const { beginning } = tap
    tap.begin()
    this.#sender.passOver(beginning)
    this.#watch(tickTime)
    return beginning
  }

  /** The same as one who comes now: those who are there get first what waits to be sent. */
  #again(): readonly RtmpMessage[] {
    let beginning: readonly RtmpMessage[] = []
    const end = this.#stream.tap({ take: messages => (beginning = messages), end: () => {} })
    end()
    return beginning
  }

  #watch(milliseconds: number): void {
    this.#stopTimer = this.#clock.after(milliseconds, () => {
      const now = this.#clock.now()
      this.#joins.expire(now)
      if (this.#joins.size === 0) return this.#stop()
      if (now - this.#sender.lastSent >= tickTime) this.#sender.tick()
      this.#watch(Math.max(this.#sender.lastSent + tickTime - now, 1))
    })
  }

  /** Nobody is there any more: nothing is read, nothing is sent. */
  #stop(): void {
    this.#stopTimer()
    this.#window.clear()
    this.#joins.clear()
    this.#endTap?.()
    this.#endTap = undefined
  }
}
