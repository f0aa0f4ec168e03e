import { TunnelLimitError } from '../errors.ts'
import type { TunnelLimits } from '../limits.ts'
import { POLL_NOW } from '../polling-byte.ts'
import { TunnelStream } from '../tunnel-stream.ts'
import { BodyFeed } from './body-feed.ts'
import { IdleHold } from './idle-hold.ts'
import type { Post } from './post.ts'
import { ReadPause } from './read-pause.ts'
import { bare, FAREWELL, PACE, ReplyComposer } from './reply-composer.ts'
import { ReplyStore } from './reply-store.ts'
import { SequenceGate } from './sequence-gate.ts'
import { SessionPatience } from './session-patience.ts'
import { Turn, type TurnKind } from './turn.ts'
import type { WaitingCount } from './waiting-count.ts'

/** Milliseconds between two looks at the clock. */
export const TICK = 50
/** Requests in order that may wait: more than there are in one reading of 64 KiB, after which it can be paused. */
const MAX_IN_ORDER = 2_048
/** Requests with a number long past before the client is taken for an attacker. */
const MAX_PAST = 100
/** Merge windows between two answers to polls: each costs much more than a write of other transports does. */
const WINDOWS = 1.5
/** Milliseconds between them at most; more would add latency, and save little. */
const MAX_MERGED = 30
/** Polls that are told that the session is over before it is. */
const MAX_FAREWELLS = 3
/** Milliseconds that `/close` waits for requests with lower numbers: some clients count it wrongly. */
const MAX_CLOSE_WAIT = 5_000
/** Intervals between polls without one, and at least so many milliseconds, after which the client seems to have gone. */
const MISSED_POLLS = 5
const LEAST_SILENCE = 3_000
/**
 * What a client of RTMP sends until the handshake is done: C0, C1 and C2. Counting them is all that is needed of RTMP here,
 * takes no help of whoever accepts, and holds for RTMPE too.
 */
const HANDSHAKE_LENGTH = 1 + 1536 + 1536

/**
 * One tunnel session: takes numbered requests in order and one at a time, feeds their bodies to {@link stream} and
 * answers with what was written there.
 */
export class TunnelSession {
  readonly id: string
  readonly stream: TunnelStream
  readonly #limits: TunnelLimits
  readonly #now: () => number
  readonly #gate: SequenceGate<Turn>
  readonly #feed: BodyFeed
  readonly #composer: ReplyComposer
  readonly #replies = new ReplyStore()
  readonly #patience: SessionPatience
  readonly #pause = new ReadPause()
  #turn: Turn | undefined
  readonly #hold: IdleHold
  readonly #onSettled: () => void
  /** Told by the first request; see {@link #answer}. */
  #polls: boolean | undefined
  #sent = false
  #settled = false
  #past = 0
  #farewells = 0
  #closing = false
  /** The number that all requests made before `/close` are below, and how long those still on their way are waited for. */
  #closeAfter = 0
  #closeBy = 0
  #hurried = false
  #scheduled = false
  /** What is written before that need not go alone. */
  #mergedUntil = -Infinity
  #mergeTimer: NodeJS.Timeout | undefined

  /**
   * `now`: a clock in milliseconds; `waiting` counts the requests that wait in all sessions; `onSettled` is called once,
   * when the client has sent as much as a whole handshake.
   */
  constructor(
    id: string,
    limits: TunnelLimits,
    now: () => number,
    waiting: WaitingCount,
    onSettled: (session: TunnelSession) => void,
  ) {
    this.id = id
    this.#onSettled = () => onSettled(this)
    this.#limits = limits
    this.#now = now
    this.#gate = new SequenceGate(limits.maxParkedRequests, MAX_IN_ORDER, waiting)
    this.#hold = new IdleHold(PACE, limits.idleHold)
    this.#patience = new SessionPatience(limits, now())
    this.stream = new TunnelStream(limits.maxBufferedBytes, this.#onStream)
    this.#feed = new BodyFeed(this.stream, limits)
    this.#composer = new ReplyComposer(this.stream, limits.maxReplyLength)
  }

  /** A numbered request. `most`: bytes that its answer may have at most. */
  receive(kind: TurnKind, sequence: number, post: Post, most: number = Infinity): void {
    this.#patience.heard(this.#now())
    if (kind === 'send') {
      this.#sent = true
      if ((post.bodyLength ?? 0) > this.#limits.maxBodyLength) {
        this.#feed.refuse(post)
        return
      }
    }
    const turn = new Turn(kind, sequence, post, this.#wake, most)
    const verdict = this.#gate.offer(sequence, turn)
    this.#pause.note(post.socket, this.#gate.size)
    if (verdict === 'in-order' || verdict === 'parked') this.#wake()
    else if (verdict === 'waiting') this.#gate.get(sequence)?.again(kind, post, most)
    else if (verdict === 'last-taken') this.#repeat(kind, sequence, post, most)
    else if (verdict === 'past') this.#answerPast(sequence, post)
    else if (verdict === 'too-many') this.#cutOff(post)
    else this.#offend(`request ${sequence} is too far ahead of what was received`, post)
  }

  /** The client closes; the requests it made before come first. Not all clients number this one, or as they should. */
  close(sequence: number | undefined, post: Post): void {
    const now = this.#now()
    post.answer(FAREWELL)
    this.#patience.heard(now)
    if (!this.#closing) {
      this.#closing = true
      const { expected } = this.#gate
      if (sequence !== undefined && sequence - expected <= this.#limits.maxParkedRequests) this.#closeAfter = sequence
      this.#closeBy = now + Math.min(MAX_CLOSE_WAIT, this.#limits.gapTimeout)
    }
    this.#wake()
  }

  /** Another request waits for our answer on the same connection. */
  hurry(): void {
    this.#hurried = this.#gate.size > 0
    if (this.#turn?.kind !== 'idle') return
    this.#turn.deadline = Math.min(this.#turn.deadline, this.#composer.mayBeEmptyAt)
    this.#wake()
  }

  /**
   * Nobody has asked for much longer than the client was told to wait: it may have died. Or its proxy is restarted, so the
   * session goes on until `idleTimeout`.
   */
  readonly seemsGone = (): boolean => {
    if (this.#turn?.gone === false) return false
    const patience = Math.max(LEAST_SILENCE, MISSED_POLLS * this.#composer.pollingInterval)
    return this.#now() - this.#patience.heardAt >= patience
  }

  /** Looks at the clock; to be called every {@link TICK}. */
  tick(): void {
    if (this.stream.destroyed) return
    const now = this.#now()
    if (this.#turn?.body !== undefined) this.#feed.tick(this.#turn, now)
    else this.#pump()
    const turn = this.#turn?.gone === false ? this.#turn : undefined
    const unread = turn !== undefined && turn.room <= 0
    const overrun = this.#patience.overrun(
      {
        sent: this.#sent,
        closed: this.#feed.ended,
        busy: turn !== undefined && !unread,
        unread,
        missing: this.#gate.missing,
      },
      now,
    )
    if (overrun === undefined) return
    for (const waiting of this.#gate.drain()) waiting.reject(400, overrun.message)
    // Whoever has closed, or was told to, owes us nothing.
    this.stream.destroy(this.#feed.ended || this.stream.writableFinished ? undefined : overrun)
  }

  /** The stream has closed: whoever still waits is told. @returns replies that may still be asked for */
  dismiss(): ReplyStore {
    clearTimeout(this.#mergeTimer)
    this.#turn?.answer(FAREWELL)
    this.#turn = undefined
    for (const turn of this.#gate.drain()) turn.answer(FAREWELL)
    this.#pause.end()
    return this.#replies
  }

  /** The stream has something for us, or room. */
  readonly #onStream = (): void => {
    const turn = this.#turn
    const isOfUse =
      turn === undefined ? this.#gate.ready || this.#closing : turn.kind === 'send' || this.#mergeTimer === undefined
    if (isOfUse) this.#wake()
  }

  /** A turn of the event loop gathers what is written meanwhile into one reply. */
  readonly #wake = (): void => {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(this.#pump)
  }

  readonly #pump = (): void => {
    this.#scheduled = false
    const now = this.#now()
    while (!this.stream.destroyed) {
      this.#turn ??= this.#begin(now)
      if (this.#turn === undefined || !this.#advance(this.#turn, now)) break
      this.#answer(this.#turn, now)
    }
    if (this.#closing && this.#turn === undefined && this.#hasAll(now)) this.#endInput()
    this.#pause.adjust(this.#gate.size)
  }

  #begin(now: number): Turn | undefined {
    const turn = this.#gate.take()
    if (turn === undefined) return undefined
    this.#hold.next(turn.kind)
    this.#polls ??= turn.kind === 'idle'
    // Whoever goes on is no attacker, however often a bad line has made it ask again.
    this.#past = Math.max(0, this.#past - 1)
    if (turn.kind === 'send') turn.deadline = now + this.#limits.bodyTimeout
    else this.#holdPoll(turn, now)
    this.#hurried &&= this.#gate.size > 0
    return turn
  }

  #holdPoll(turn: Turn, now: number): void {
    turn.deadline = Math.max(this.#composer.mayBeEmptyAt, this.#hurried ? 0 : now + this.#hold.milliseconds)
    // The clock is not looked at often enough for a short time. Timers cut off fractions and may be a little early.
    const wait = Math.ceil(turn.deadline - now) + 1
    if (wait > 1 && wait < TICK) setTimeout(this.#pump, wait).unref()
  }

  /** Does what is to be done before the answer; true when that is due. */
  #advance(turn: Turn, now: number): boolean {
    const isFed = this.#feed.feed(turn, now)
    if (!this.#settled && this.#feed.received >= HANDSHAKE_LENGTH) {
      this.#settled = true
      this.#onSettled()
    }
    if (!isFed) return false
    if (turn.room <= 0) return false
    if (turn.kind === 'idle') {
      if (this.stream.finishing) return true
      if (this.stream.pending) return this.#isDue(turn, now)
      if (now >= turn.deadline) {
        this.#hold.inVain()
        return true
      }
      if (this.#closing && !this.#feed.ended) return true
      return this.#gate.ready && now >= this.#composer.mayBeEmptyAt
    }
    if (!turn.digested && !this.#gate.ready && this.#polls === false) {
      turn.digested = true
      this.#wake()
      return false
    }
    return !this.#feed.held
  }

  /** Whether a poll is to be told what there is, or what comes within the merge window is to go with it. */
  #isDue(turn: Turn, now: number): boolean {
    const wait = this.#mergedUntil - now
    if (wait <= 0 || now >= turn.deadline || this.#gate.ready || this.#closing) return true
    this.#mergeTimer ??= setTimeout(this.#endMerge, Math.ceil(wait)).unref()
    return false
  }

  readonly #endMerge = (): void => {
    this.#mergeTimer = undefined
    this.#pump()
  }

  #answer(turn: Turn, now: number): void {
    this.#turn = undefined
    // With nobody there nothing is taken: when they ask again they wait for what there is then.
    if (turn.gone) return
    // Clients that begin with a poll expect everything by polls; one of them throws away what a /send brings.
    const isBare = turn.kind === 'send' && this.#polls === true
    const body = isBare ? this.#composer.bare() : this.#composer.compose(turn.kind, turn.room, now)
    if (turn.kind === 'idle' && body.length > 1)
      this.#mergedUntil = now + Math.min(MAX_MERGED, WINDOWS * this.#limits.mergeWindow)
    this.#replies.keep(turn.kind, turn.sequence, body)
    turn.answer(body)
    this.#patience.answered(now)
    // Who polls on does not understand that byte and waits for an error.
    if (turn.kind === 'idle' && body === FAREWELL && ++this.#farewells > MAX_FAREWELLS) this.stream.destroy()
  }

  /** The last request taken has come again; a proxy sent it twice, and its body must not be fed twice. */
  #repeat(kind: TurnKind, sequence: number, post: Post, most: number): void {
    const reply = this.#replies.get(sequence)
    if (this.#turn?.sequence === sequence) {
      this.#turn.again(kind, post, most)
      if (kind === 'send') this.#turn.deadline = this.#now() + this.#limits.bodyTimeout
    } else if (reply !== undefined) post.answer(reply)
    else {
      this.#turn = new Turn('idle', sequence, post, this.#wake, most)
      this.#holdPoll(this.#turn, this.#now())
      this.#wake()
    }
  }

  #answerPast(sequence: number, post: Post): void {
    const reply = this.#replies.get(sequence)
    if (reply === undefined) this.#past += 1
    if (this.#past > MAX_PAST) this.#offend(`more than ${MAX_PAST} requests with a number long past`, post)
    else post.answer(reply ?? bare(POLL_NOW))
  }

  /** Too many wait. They are not even answered: the answers could pile up too, behind others on their connections. */
  #cutOff(post: Post): void {
    for (const turn of this.#gate.drain()) turn.drop()
    post.drop()
    this.stream.destroy(new TunnelLimitError('RTMP_ERR_TUNNEL_SEQUENCE', 'too many requests are waiting'))
  }

  #offend(message: string, post: Post): void {
    post.reject(400, message)
    this.stream.destroy(new TunnelLimitError('RTMP_ERR_TUNNEL_SEQUENCE', message))
  }

  /** Nothing that was made before `/close` is to be taken any more. */
  #hasAll(now: number): boolean {
    return !this.#gate.ready && (this.#gate.expected >= this.#closeAfter || now > this.#closeBy)
  }

  #endInput(): void {
    this.#feed.end()
    if (this.stream.finishing) this.stream.finish()
  }
}
