import { randomUUID } from 'node:crypto'
import type { JoinedStream } from '@rtmpipe/cluster'
import { type Announcement, parseAnnouncement } from '../directory/messages.ts'
import { joinMessage } from '../wire/join-messages.ts'
import { isLocalEpoch } from '../wire/epoch.ts'
import { subjects } from '../wire/subjects.ts'
import { AskTimes } from './ask-times.ts'
import { EarlyFrames } from './early-frames.ts'
import type { Edge } from './edge.ts'
import type { Arrival } from './frame-reader.ts'
import type { JoinTurn } from './join-pace.ts'
import { JoinQuestion, type QuestionOutput } from './join-question.ts'
import { firstPause, renewInterval, returnGrace, returnSpread, silenceTimeout } from './limits.ts'
import { RemoteStream, type StreamEnd, type StreamOwner } from './remote-stream.ts'

/** What somebody who follows a name is told. */
export interface Follower {
  /** Another publish has been joined. */
  joined(stream: JoinedStream): void
  /** Nothing is left of it: no more publishes are wanted, and the last that was joined is over. */
  closed(): void
}

/**
 * One who follows a name: asks who publishes it, joins each publish, and asks again when what was joined falls silent.
 * It never looks into the directory: who publishes answers, or nobody does.
 */
export class JoinedRemote implements QuestionOutput, StreamOwner {
  /** Under which origins know of it. */
  readonly #id = randomUUID()
  readonly #edge: Edge
  readonly #sid: string
  readonly #isOurs: () => boolean
  readonly #follower: Follower
  readonly #times: AskTimes
  readonly #ends: (() => void)[]
  readonly #early: EarlyFrames
  #question: JoinQuestion | undefined
  /** Until what it asks for has come, or does not. */
  #turn: JoinTurn | undefined
  #isWaiting = false
  /** The last question; true before the first. */
  #wasAnswered = true
  /** One that has been answered, and listens on until something comes by the subscription that takes its place. */
  #lingering: JoinQuestion | undefined
  /** What has been joined and is not over. */
  #stream: RemoteStream | undefined
  /** Ends the subscription to its frames alone; undefined while the question still listens to all. */
  #endMedia: (() => void) | undefined
  /** Publishes before that one are over. */
  #minEpoch = 0
  /** The last one that is over. */
  #lastOver = 0
  /** The greatest that was announced. */
  #announced = 0
  /** When the network was there again. */
  #returnedAt = -Infinity
  #isClosing = false
  #isClosed = false
  #stopWatch = (): void => {}
  #stopRenewal = (): void => {}

  /** @param isOurs whether this node publishes the name: then nobody is asked for it */
  constructor(edge: Edge, sid: string, isOurs: () => boolean, follower: Follower) {
    this.#edge = edge
    this.#sid = sid
    this.#isOurs = isOurs
    this.#follower = follower
    this.#early = new EarlyFrames(edge.memory.share())
    this.#times = new AskTimes(edge.clock, () => this.#askAgain())
    const { control } = edge.carrier
    this.#ends = [
      control.subscribe(subjects.epochs(sid), ({ payload }) => this.#hear(parseAnnouncement(payload))),
      this.#bus.onUp(() => this.#return()),
      control.onUp(() => this.#announcementsMissed()),
    ]
    this.#ask()
  }

  /** Whether a publish has been joined that is not over. */
  get hasJoined(): boolean {
    return this.#stream !== undefined
  }

  /** This node publishes the name no more. @param epoch under which it did */
  resume(epoch: number): void {
    this.#minEpoch = Math.max(this.#minEpoch, epoch + 1)
    this.#lastOver = epoch
    if (this.#stream === undefined) this.#askEagerly()
  }

  /** No more publishes are wanted; what was joined goes on. */
  close(): void {
    if (this.#isClosing) return
    this.#isClosing = true
    if (this.#stream === undefined) this.#closeNow()
  }

  /** @param message why what was joined is over too */
  dispose(message: string): void {
    this.close()
    this.#stream?.lose(message)
  }

  media(epoch: number, payload: Buffer): void {
    const now = this.#edge.clock.now()
    if (this.#stream?.epoch === epoch) this.#receive(this.#stream, payload, now)
    else if (this.isWanted(epoch)) this.#early.add(epoch, payload, now)
  }

  isWanted(epoch: number): boolean {
    const joined = this.#stream?.epoch
    if (this.#isClosing) return epoch === joined
    if (this.#isOurs()) return false
    if (joined !== undefined) return epoch >= joined
    return isLocalEpoch(epoch) ? epoch !== this.#lastOver : epoch >= this.#minEpoch
  }

  answered(): void {
    this.#wasAnswered = true
    this.#turn?.answered()
  }

  snapshot(epoch: number, arrival: Arrival): boolean {
    const now = this.#edge.clock.now()
    const stream = this.#stream
    if (stream === undefined && !this.#edge.memory.admits()) {
      this.#tell({ leave: true })
      this.#refuseItself()
      return false
    }
    if (stream?.epoch !== epoch) this.#begin(epoch, arrival, now)
    else {
      // A question before this one may have been given up, and what was held let go.
      if (stream.isSilent) stream.hold()
      if (stream.isHolding && !stream.snapshot(arrival, now)) return false
    }
    this.#times.succeed()
    this.#turn?.end(arrival.messages.reduce((sum, { payload }) => sum + payload.length, 0))
    return true
  }

  settled(): void {
    this.#endQuestion()
  }

  nobody(): void {
    const stream = this.#stream
    const isFresh = this.#edge.clock.now() - this.#returnedAt < returnGrace
    // Its origin may only not be back yet.
    if (isFresh) return this.refused()
    this.#endQuestion()
    if (stream !== undefined && (stream.isSilent || stream.isHolding)) stream.lose('nobody publishes it any more')
    else if (stream === undefined) this.#times.later()
  }

  refused(retryAfter?: number): void {
    const wasUnwanted = this.#question?.wasUnwanted === true
    this.#endQuestion()
    if (wasUnwanted && this.#stream === undefined) return this.#times.later()
    const stream = this.#stream
    stream?.release()
    if (stream !== undefined && this.#stream === stream && !stream.isSilent && !stream.isHolding) return
    this.#times.soon((retryAfter ?? 0) * (1 + this.#edge.clock.random()))
  }

  rejoin(stream: RemoteStream): void {
    if (stream !== this.#stream || this.#times.isSet || this.#isWaiting) return
    this.#edge.counts.rejoins += 1
    this.#times.soon()
  }

  over(stream: RemoteStream, how: StreamEnd): void {
    if (stream !== this.#stream) return
    const { epoch } = stream
    this.#stream = undefined
    this.#stopWatch()
    this.#stopRenewal()
    this.#endMedia?.()
    this.#endMedia = undefined
    this.#endLingering()
    const isOver = how === 'ended' || how === 'left'
    this.#minEpoch = Math.max(this.#minEpoch, isOver ? epoch + 1 : epoch)
    if (isOver) this.#lastOver = epoch
    if (how === 'left' || (this.#isClosing && how !== 'ended')) this.#tell({ leave: true })
    if (how === 'lost') {
      this.#edge.counts.lost += 1
      this.#times.expect()
    }
    if (this.#isClosing) this.#closeNow()
    else if (how === 'left') this.#times.later()
    else this.#times.soon()
  }

  get #bus() {
    return this.#edge.carrier.media(this.#sid)
  }

  /** Somebody says to publish the name now. */
  #hear(announcement: Announcement | undefined): void {
    if (announcement === undefined || announcement.node === this.#edge.node) return
    const { epoch } = announcement
    if (epoch === this.#stream?.epoch || !this.isWanted(epoch)) return
    this.#announced = Math.max(this.#announced, epoch)
    if (epoch !== this.#question?.answered) this.#askEagerly()
  }

  /** The network is there again: what was announced meanwhile has been missed. */
  #return(): void {
    const stream = this.#stream
    this.#returnedAt = this.#edge.clock.now()
    this.#times.succeed()
    if (stream !== undefined && !stream.isHolding && !stream.isSilent) return
    this.#times.after(this.#edge.clock.random() * returnSpread)
  }

  /** The connection on which they come is there again, perhaps not together with that for media. */
  #announcementsMissed(): void {
    if (this.#stream === undefined) this.#return()
  }

  #askEagerly(): void {
    this.#times.expect()
    this.#times.succeed()
    this.#ask()
  }

  #askAgain(): void {
    // What was missing may have come by itself.
    if (this.#needsAnswer) this.#ask()
  }

  get #needsAnswer(): boolean {
    const stream = this.#stream
    return stream === undefined || stream.isHolding || stream.isSilent || this.#announced > stream.epoch
  }

  #ask(): void {
    this.#times.stop()
    if (this.#isClosed || this.#isOurs()) return
    // Its turn comes.
    if (this.#isWaiting) return
    this.#endQuestion()
    this.#isWaiting = true
    this.#turn = this.#edge.paces.of(this.#bus).enter(turn => this.#askNow(turn), !this.#wasAnswered)
  }

  #askNow(turn: JoinTurn): void {
    this.#isWaiting = false
    this.#turn = turn
    // What was missing may have come by itself while it waited.
    if (this.#isOurs() || !this.#needsAnswer) return this.#endTurn()
    this.#wasAnswered = false
    if (this.#stream === undefined && !this.#edge.memory.admits()) return this.#refuseItself()
    this.#question = new JoinQuestion(this.#edge, this.#sid, this.#id, this)
  }

  /** Leaves its place to others. */
  #endTurn(): void {
    this.#isWaiting = false
    this.#turn?.end()
    this.#turn = undefined
  }

  /** What this node holds is too much already. */
  #refuseItself(): void {
    this.#edge.counts.refused += 1
    this.refused()
  }

  /** Listens no more to whatever publish, but to the frames of what has been joined. */
  #endQuestion(): void {
    const question = this.#question
    const stream = this.#stream
    this.#question = undefined
    this.#endTurn()
    this.#early.clear()
    if (question === undefined) return
    if (stream === undefined && question.wasUnwanted) this.#tell({ leave: true })
    if (stream === undefined || this.#endMedia !== undefined) return question.end()
    question.stop()
    this.#lingering = question
    this.#endMedia = this.#bus.subscribe(subjects.media(this.#sid, stream.epoch), ({ payload }) => {
      this.#endLingering()
      this.#receive(stream, payload, this.#edge.clock.now())
    })
  }

  #endLingering(): void {
    this.#lingering?.end()
    this.#lingering = undefined
  }

  #receive(stream: RemoteStream, payload: Buffer, now: number): void {
    stream.receive(payload, now)
    // What it was asked for again has come by itself.
    const question = this.#question
    if (question === undefined || question.answered !== undefined) return
    if (this.#stream === stream && !stream.isHolding && this.#announced <= stream.epoch) this.#endQuestion()
  }

  #begin(epoch: number, arrival: Arrival, now: number): void {
    this.#stream?.lose('somebody else publishes it now')
    this.#times.stop()
    const stream = new RemoteStream(epoch, this.#edge, this)
    this.#stream = stream
    this.#watch(silenceTimeout)
    this.#renew()
    this.#follower.joined(stream)
    for (const { payload, at } of this.#early.of(epoch)) stream.receive(payload, at)
    this.#early.clear()
    stream.snapshot(arrival, now)
  }

  /** Looks whether something comes. */
  #watch(milliseconds: number): void {
    this.#stopWatch = this.#edge.clock.after(milliseconds, () => {
      const stream = this.#stream as RemoteStream
      if (stream.isSilent) stream.hold()
      if (stream.isHolding && this.#question === undefined) this.rejoin(stream)
      if (this.#stream === stream) this.#watch(Math.max(firstPause, silenceTimeout - stream.silence))
    })
  }

  #renew(): void {
    this.#stopRenewal = this.#edge.clock.after(renewInterval, () => {
      this.#tell({ renew: true })
      this.#renew()
    })
  }

  #tell(what: { readonly renew?: boolean; readonly leave?: boolean }): void {
    const request = joinMessage({ node: this.#edge.node, join: this.#id, ...what })
    this.#bus.publish(subjects.joins(this.#sid), request)
  }

  #closeNow(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#times.stop()
    // Somebody may just be about to answer.
    if (this.#question !== undefined) this.#tell({ leave: true })
    this.#endQuestion()
    for (const end of this.#ends) end()
    this.#follower.closed()
  }
}
