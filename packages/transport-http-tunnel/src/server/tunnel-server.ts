import { type TunnelConnection, tunnelConnection } from '../connection.ts'
import { TunnelError, TunnelLimitError } from '../errors.ts'
import { ignore } from '../ignore.ts'
import { resolveTunnelLimits, type TunnelLimits } from '../limits.ts'
import type { Colleagues, HandedOver } from './colleagues.ts'
import { LateAnswers } from './late-answers.ts'
import { MissCounter } from './miss-counter.ts'
import { openerOf } from './opener.ts'
import type { Origin } from './origin.ts'
import type { Post } from './post.ts'
import { FAREWELL } from './reply-composer.ts'
import { parseSequence } from './sequence-gate.ts'
import { isProcessName, processNameOf, SessionIds } from './session-id.ts'
import { SessionTable } from './session-table.ts'
import { Tombstones } from './tombstones.ts'
import { TICK, TunnelSession } from './tunnel-session.ts'
import type { TurnKind } from './turn.ts'
import { WaitingCount } from './waiting-count.ts'

/** Requests that may wait in all sessions; each takes some 2 KB. Sessions with few of them may always have those. */
const MAX_WAITING = 16_384

export type { Origin } from './origin.ts'

/** What a {@link TunnelServer} needs. */
export interface TunnelServerOptions extends Partial<TunnelLimits> {
  /** Given each new session, when its first numbered request has come. */
  accept(connection: TunnelConnection): void
  /** Name of this process, with which ids begin: up to 12 letters and digits. Default: none. */
  readonly name?: string | undefined
  /** The processes that have other names: requests for their sessions are handed over. Default: there are none. */
  readonly colleagues?: Colleagues | undefined
  /** Told when a client is sent away for a limit on sessions. Default: nobody is. */
  onError?: ((error: Error) => void) | undefined
}

/** The sessions of one set of tunnel routes: opens, finds, and ends them. */
export class TunnelServer {
  readonly #options: TunnelServerOptions
  readonly #limits: TunnelLimits
  readonly #now: () => number
  readonly #ids: SessionIds
  readonly #sessions: SessionTable
  readonly #tombstones: Tombstones
  readonly #missed = new MissCounter()
  readonly #late = new LateAnswers()
  readonly #waiting = new WaitingCount(MAX_WAITING)
  /** Id of the session that a connection asked for last: its answer is in the way of the next. */
  readonly #latest = new WeakMap<object, string>()
  #timer: NodeJS.Timeout | undefined
  #stopped = false
  readonly #serveNoMore: (() => void) | undefined
  #onEmpty: (() => void) | undefined

  /** `now`: a clock in milliseconds. Throws TunnelError `RTMP_ERR_TUNNEL_OPTION` for impossible limits or names. */
  constructor(options: TunnelServerOptions, now: () => number = () => performance.now()) {
    this.#options = options
    this.#limits = resolveTunnelLimits(options)
    this.#now = now
    const { name = '' } = options
    if (!isProcessName(name) || (name === '' && options.colleagues !== undefined)) {
      throw new TunnelError('RTMP_ERR_TUNNEL_OPTION', `name is "${name}", not 1 to 12 letters and digits`)
    }
    this.#ids = new SessionIds(name)
    this.#serveNoMore = options.colleagues?.serve?.(name, request => this.take(request))
    this.#sessions = new SessionTable(this.#limits)
    this.#tombstones = new Tombstones(this.#limits.maxSessions, this.#limits.openTimeout)
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

  /** `/open`: the answer is an id, and nothing is kept of it: anybody may ask for as many as they like. */
  open(post: Post, origin: Origin): void {
    this.#hurry(post, undefined)
    if (!post.expectDummy() || post.gone || this.#refuses(post, origin)) return
    post.answer(Buffer.from(`${this.#ids.create(openerOf(origin), this.#now())}\n`))
  }

  /** `/send` or `/idle`: a numbered request of a session, which begins with the first of them. */
  receive(kind: TurnKind, id: string, number: string, post: Post, origin: Origin): void {
    if (!this.#handsOver({ kind, id, number, post, origin })) this.#receive(kind, id, number, post, origin)
  }

  /** `/close`: whatever the id, nothing is open under it afterwards. */
  close(id: string, number: string, post: Post, origin: Origin): void {
    if (!this.#handsOver({ kind: 'close', id, number, post, origin })) this.#close(id, number, post, origin)
  }

  /** A request that another process has handed over. */
  take({ kind, id, number, post, origin, most }: HandedOver): void {
    if (kind === 'close') this.#close(id, number, post, origin)
    else this.#receive(kind, id, number, post, origin, most)
  }

  #receive(kind: TurnKind, id: string, number: string, post: Post, origin: Origin, most?: number): void {
    const known = this.#sessions.get(id)
    this.#hurry(post, known)
    if (known === undefined && !this.#isUnused(id, origin)) {
      this.#answerUnknown(id, number, post, origin)
      return
    }
    const sequence = parseSequence(number)
    if (sequence === undefined) post.reject(400, 'no sequence number')
    else if (kind === 'send' || post.expectDummy()) {
      const session = known ?? this.#begin(id, post, origin)
      session?.receive(kind, sequence, post, most)
      if (kind === 'send' && session !== undefined) post.expectBody()
    }
  }

  /** As {@link TunnelServer.receive} for a session that {@link TunnelServer.find} has found. */
  receiveOf(session: TunnelSession, kind: TurnKind, number: string, post: Post): void {
    this.#hurry(post, session)
    const sequence = parseSequence(number)
    if (sequence === undefined) post.reject(400, 'no sequence number')
    else if (kind === 'send' || post.expectDummy()) session.receive(kind, sequence, post)
  }

  /** An open session. */
  find(id: string): TunnelSession | undefined {
    return this.#sessions.get(id)
  }

  #close(id: string, number: string, post: Post, origin: Origin): void {
    const session = this.#sessions.get(id)
    this.#hurry(post, session)
    if (!post.expectDummy()) return
    if (session !== undefined) session.close(parseSequence(number), post)
    else if (this.#isUnused(id, origin)) {
      this.#tombstones.add(id, this.#now())
      post.answer(FAREWELL)
    } else if (id !== '' && this.#misses(origin)) this.#answerLate(post)
    else post.answer(FAREWELL)
  }

  /** Whether another process answers, or its request makes no sense and has been answered. */
  #handsOver(request: HandedOver): boolean {
    const { name = '', colleagues } = this.#options
    const owner = colleagues && processNameOf(request.id)
    if (owner === undefined || owner === name || owner === '') return false
    const { kind, post } = request
    this.#hurry(post, undefined)
    const number = parseSequence(request.number)
    if (kind !== 'send' && !post.expectDummy()) return true
    if (kind !== 'close' && number === undefined) {
      post.reject(400, 'no sequence number')
      return true
    }
    return colleagues?.handOver(owner, { ...request, number: String(number ?? '') }) ?? false
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
    this.#serveNoMore?.()
  }

  /** Ends every session at once. */
  destroy(): void {
    this.#stopped = true
    for (const session of this.#sessions) session.stream.destroy()
    this.#serveNoMore?.()
  }

  /** Whether a session may begin under the id: we gave it to whoever asks now, not long ago, and none has ended. */
  #isUnused(id: string, origin: Origin): boolean {
    const now = this.#now()
    return this.#ids.isValid(id, openerOf(origin), now, this.#limits.openTimeout) && !this.#tombstones.has(id, now)
  }

  #begin(id: string, post: Post, origin: Origin): TunnelSession | undefined {
    if (post.gone || this.#refuses(post, origin)) return undefined
    const session = new TunnelSession(id, this.#limits, this.#now, this.#waiting, this.#settle)
    this.#makeRoom()
    this.#sessions.add(session, origin)
    session.stream.on('error', ignore).once('close', () => this.#forget(session))
    this.#startTicking()
    this.#hurry(post, session)
    const { stream, seemsGone } = session
    this.#accept(tunnelConnection(stream, origin.secure, origin.address, origin.port, seemsGone))
    return session
  }

  #makeRoom(): void {
    const { inTheWay } = this.#sessions
    if (inTheWay === undefined) return
    this.#forget(inTheWay)
    inTheWay.stream.destroy(new TunnelLimitError('RTMP_ERR_TUNNEL_SESSIONS', 'made room for a newer session'))
  }

  /** Sends away who may not begin a session. */
  #refuses(post: Post, origin: Origin): boolean {
    const refusal = this.#sessions.refusal(origin)
    if (!this.#stopped && refusal === undefined) return false
    post.reject(503, 'no more sessions')
    if (refusal !== undefined) this.#report(new TunnelLimitError('RTMP_ERR_TUNNEL_SESSIONS', refusal))
    return true
  }

  /** The session is no mere beginning any more. */
  readonly #settle = (session: TunnelSession): void => {
    const refusal = this.#sessions.settle(session)
    if (refusal === undefined) return
    const error = new TunnelLimitError('RTMP_ERR_TUNNEL_SESSIONS', refusal)
    session.stream.destroy(error)
    this.#report(error)
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
    if (!this.#sessions.delete(session)) return
    this.#tombstones.add(session.id, this.#now(), session.dismiss())
    if (this.#sessions.size === 0) this.#onEmpty?.()
  }

  /** A request that waits on the same connection must not wait for an answer that is being held. */
  #hurry(post: Post, session: TunnelSession | undefined): void {
    const latest = this.#latest.get(post.socket)
    if (latest === session?.id) return
    if (latest !== undefined) this.#sessions.get(latest)?.hurry()
    if (session !== undefined) this.#latest.set(post.socket, session.id)
  }

  #answerUnknown(id: string, number: string, post: Post, origin: Origin): void {
    const reply = this.#tombstones.replyTo(id, parseSequence(number))
    if (reply !== undefined) post.answer(reply)
    else if (this.#tombstones.answers(id, this.#now())) post.answer(FAREWELL)
    else if (this.#misses(origin)) this.#answerLate(post)
    else post.refuse(404, 'no such session')
  }

  /** Counts a request for a session that there is not; true when there have been more than is plausible. */
  #misses({ address, viaProxy }: Origin): boolean {
    // All who are behind the proxy would be answered late.
    return viaProxy !== true && this.#missed.miss(address, this.#now())
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
