import { type TunnelConnection, tunnelConnection } from '../connection.ts'
import { TunnelLimitError } from '../errors.ts'
import { ignore } from '../ignore.ts'
import { resolveTunnelLimits, type TunnelLimits } from '../limits.ts'
import { LateAnswers } from './late-answers.ts'
import { MissCounter } from './miss-counter.ts'
import type { Post } from './post.ts'
import { FAREWELL } from './reply-composer.ts'
import { parseSequence } from './sequence-gate.ts'
import { createSessionId } from './session-id.ts'
import { SessionTable } from './session-table.ts'
import { Tombstones } from './tombstones.ts'
import { TICK, TunnelSession } from './tunnel-session.ts'
import type { TurnKind } from './turn.ts'
import { WaitingCount } from './waiting-count.ts'

/** Requests that may wait in all sessions; each takes some 2 KB. Sessions with few of them may always have those. */
const MAX_WAITING = 16_384

/** Where a request comes from. */
export interface Origin {
  readonly address: string
  /** 0 when not known. */
  readonly port: number
  readonly secure: boolean
}

/** What a {@link TunnelServer} needs. */
export interface TunnelServerOptions extends Partial<TunnelLimits> {
  /** Given each new session. */
  accept(connection: TunnelConnection): void
  /** Told when a client is sent away for a limit on sessions. Default: nobody is. */
  onError?: ((error: Error) => void) | undefined
}

/** The sessions of one set of tunnel routes: opens, finds, and ends them. */
export class TunnelServer {
  readonly #options: TunnelServerOptions
  readonly #limits: TunnelLimits
  readonly #now: () => number
  readonly #sessions: SessionTable
  readonly #tombstones: Tombstones
  readonly #misses = new MissCounter()
  readonly #late = new LateAnswers()
  readonly #waiting = new WaitingCount(MAX_WAITING)
  /** Id of the session that a connection asked for last: its answer is in the way of the next. */
  readonly #latest = new WeakMap<object, string>()
  #timer: NodeJS.Timeout | undefined
  #stopped = false
  #onEmpty: (() => void) | undefined

  /** `now`: a clock in milliseconds. Throws TunnelError `RTMP_ERR_TUNNEL_OPTION` for impossible limits. */
  constructor(options: TunnelServerOptions, now: () => number = () => performance.now()) {
    this.#options = options
    this.#limits = resolveTunnelLimits(options)
    this.#now = now
    this.#sessions = new SessionTable(this.#limits)
    this.#tombstones = new Tombstones(this.#limits.maxSessions)
  }

  /** How many sessions are open. */
  get size(): number {
    return this.#sessions.size
  }

  /** `/fcs/ident2`: 404 is what clients expect when they are not to go elsewhere. */
  identify(post: Post): void {
    this.#hurry(post, undefined)
    post.refuse(404, 'not found')
  }

  /** `/open`: a new session, whose id is the answer. */
  open(post: Post, origin: Origin): void {
    this.#hurry(post, undefined)
    if (!post.expectDummy() || post.gone) return
    const refusal = this.#sessions.refusal(origin.address)
    if (this.#stopped || refusal !== undefined) {
      post.reject(503, 'no more sessions')
      if (refusal !== undefined) this.#report(new TunnelLimitError('RTMP_ERR_TUNNEL_SESSIONS', refusal))
      return
    }
    const session = new TunnelSession(createSessionId(), this.#limits, this.#now, this.#waiting)
    this.#sessions.add(session, origin.address)
    session.stream.on('error', ignore).once('close', () => this.#forget(session))
    this.#startTicking()
    post.answer(Buffer.from(`${session.id}\n`))
    this.#accept(tunnelConnection(session.stream, origin.secure, origin.address, origin.port))
  }

  /** `/send` or `/idle`: a numbered request of a session. */
  receive(kind: TurnKind, id: string, number: string, post: Post, address: string): void {
    const session = this.#sessions.get(id)
    this.#hurry(post, session)
    if (session === undefined) {
      this.#answerUnknown(id, post, address)
      return
    }
    this.#take(session, kind, number, post)
  }

  /** As {@link TunnelServer.receive} for a session that {@link TunnelServer.find} has found. */
  receiveOf(session: TunnelSession, kind: TurnKind, number: string, post: Post): void {
    this.#hurry(post, session)
    this.#take(session, kind, number, post)
  }

  /** An open session. */
  find(id: string): TunnelSession | undefined {
    return this.#sessions.get(id)
  }

  /** `/close`: whatever the id, nothing is open under it afterwards. */
  close(id: string, number: string, post: Post, address: string): void {
    const session = this.#sessions.get(id)
    this.#hurry(post, session)
    if (!post.expectDummy()) return
    if (session !== undefined) session.close(parseSequence(number), post)
    else if (id !== '' && this.#misses.miss(address, this.#now())) this.#answerLate(post)
    else post.answer(FAREWELL)
  }

  /** Looks at the clock for all sessions. */
  tick(): void {
    const now = this.#now()
    for (const session of this.#sessions) session.tick()
    this.#late.tick(now)
    if (this.#sessions.size > 0 || this.#late.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  /** Opens no more sessions; resolves when those that are open have closed. */
  async stop(): Promise<void> {
    this.#stopped = true
    if (this.#sessions.size > 0) await new Promise<void>(resolve => (this.#onEmpty = resolve))
  }

  /** Ends every session at once. */
  destroy(): void {
    this.#stopped = true
    for (const session of this.#sessions) session.stream.destroy()
  }

  #take(session: TunnelSession, kind: TurnKind, number: string, post: Post): void {
    const sequence = parseSequence(number)
    if (sequence === undefined) post.reject(400, 'no sequence number')
    else if (kind === 'send') {
      session.receive(kind, sequence, post)
      this.#sessions.settle(session)
    } else if (post.expectDummy()) session.receive(kind, sequence, post)
  }

  #accept(connection: TunnelConnection): void {
    try {
      this.#options.accept(connection)
    } catch (error) {
      connection.stream.destroy()
      this.#report(error as Error)
    }
  }

  #forget(session: TunnelSession): void {
    session.dismiss()
    this.#sessions.delete(session)
    this.#tombstones.add(session.id, this.#now())
    if (this.#sessions.size === 0) this.#onEmpty?.()
  }

  /** A request that waits on the same connection must not wait for an answer that is being held. */
  #hurry(post: Post, session: TunnelSession | undefined): void {
    const latest = this.#latest.get(post.socket)
    if (latest === session?.id) return
    if (latest !== undefined) this.#sessions.get(latest)?.hurry()
    if (session !== undefined) this.#latest.set(post.socket, session.id)
  }

  #answerUnknown(id: string, post: Post, address: string): void {
    const now = this.#now()
    if (this.#tombstones.answers(id, now)) post.answer(FAREWELL)
    else if (this.#misses.miss(address, now)) this.#answerLate(post)
    else post.refuse(404, 'no such session')
  }

  #answerLate(post: Post): void {
    this.#late.add(post, this.#now())
    this.#startTicking()
  }

  #startTicking(): void {
    this.#timer ??= setInterval(() => this.tick(), TICK).unref()
  }

  #report(error: Error): void {
    this.#options.onError?.(error)
  }
}
