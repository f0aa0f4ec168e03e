import type { ReceiveFlow, SendFlow, SendFlowOptions } from '../contract/flow.ts'
import type { OpenSession, SessionEnd } from '../contract/session.ts'
import { readFlowMetadata } from '../rtmp/metadata.ts'
import type { Endpoint } from '../wire/address.ts'

/** NetConnections that the far end may have at a time: 16 plays of a client, and some that are about to close. */
const MOST_BRANCHES = 20

export interface SharedSessionEvents {
  /** The far end begins a NetConnection, of which ours is the serving end. */
  branch(session: OpenSession): void
  /** The session is over. */
  end(): void
}

/**
 * One session of two clients with any number of NetConnections, begun by either of them: there may be one session between two
 * ends only. Each is a tree of flows of its own (RFC 7425 §5.3). The session is closed with the last of them.
 */
export class SharedSession {
  readonly session: OpenSession
  readonly #branches = new Set<Branch>()
  readonly #events: SharedSessionEvents

  constructor(session: OpenSession, events: SharedSessionEvents) {
    this.session = session
    this.#events = events
    session.onFlow = flow => this.#takeFlow(flow)
    session.onEnd = why => this.#ended(why)
  }

  /** For a NetConnection of which ours is the asking end. */
  begin(): OpenSession {
    return this.#add(true)
  }

  #add(isInitiator: boolean): Branch {
    const branch: Branch = new Branch(this.session, isInitiator, left => {
      this.#branches.delete(left)
      return this.#branches.size === 0
    })
    this.#branches.add(branch)
    return branch
  }

  #takeFlow(flow: ReceiveFlow): boolean {
    const { association } = flow
    if (association !== undefined) {
      for (const branch of this.#branches) if (branch.hasSent(association)) return branch.take(flow)
      return false
    }
    if (readFlowMetadata(flow.metadata)?.streamId !== 0) return false
    const begun = [...this.#branches].filter(({ isInitiator }) => !isInitiator)
    if (begun.length >= MOST_BRANCHES) return false
    const branch = this.#add(false)
    this.#events.branch(branch)
    return branch.take(flow)
  }

  #ended(why: SessionEnd): void {
    const branches = [...this.#branches]
    this.#branches.clear()
    for (const branch of branches) branch.onEnd(why)
    this.#events.end()
  }
}

/** One tree of flows, for whoever takes it for a session of its own. */
class Branch implements OpenSession {
  readonly isInitiator: boolean
  onFlow: OpenSession['onFlow'] = () => false
  onEnd: OpenSession['onEnd'] = () => {}
  readonly #session: OpenSession
  /** Returns whether it was the last one. */
  readonly #leave: (branch: Branch) => boolean
  readonly #sending = new Map<number, SendFlow>()
  readonly #receiving = new Set<ReceiveFlow>()
  #isOver = false

  constructor(session: OpenSession, isInitiator: boolean, leave: (branch: Branch) => boolean) {
    this.#session = session
    this.isInitiator = isInitiator
    this.#leave = leave
  }

  get keepAlivePeriod(): number {
    return this.#session.keepAlivePeriod
  }

  get farId(): Buffer {
    return this.#session.farId
  }

  get nearId(): Buffer {
    return this.#session.nearId
  }

  get nearNonce(): Buffer {
    return this.#session.nearNonce
  }

  get farNonce(): Buffer {
    return this.#session.farNonce
  }

  get remote(): Endpoint {
    return this.#session.remote
  }

  get roundTrip(): number | undefined {
    return this.#session.roundTrip
  }

  get bytesReceived(): number {
    return this.#session.bytesReceived
  }

  get bytesSent(): number {
    return this.#session.bytesSent
  }

  /** Whether a flow of ours is of this tree. */
  hasSent(flowId: number): boolean {
    return this.#sending.has(flowId)
  }

  take(flow: ReceiveFlow): boolean {
    if (!this.onFlow(flow)) return false
    this.#receiving.add(flow)
    const { onEnd } = flow
    flow.onEnd = finished => {
      this.#receiving.delete(flow)
      onEnd(finished)
    }
    return true
  }

  openFlow(options: SendFlowOptions): SendFlow {
    const flow: SendFlow = this.#session.openFlow({
      ...options,
      onComplete: () => {
        this.#sending.delete(flow.id)
        options.onComplete?.()
      },
      onException: code => {
        this.#sending.delete(flow.id)
        options.onException?.(code)
      },
    })
    this.#sending.set(flow.id, flow)
    return flow
  }

  keepAlive(period: number): void {
    this.#session.keepAlive(period)
  }

  close(): void {
    this.#end(() => this.#session.close())
  }

  destroy(): void {
    this.#end(() => this.#session.destroy())
  }

  #end(endSession: () => void): void {
    if (this.#isOver) return
    this.#isOver = true
    if (this.#leave(this)) return endSession()
    for (const flow of this.#sending.values()) flow.abandon()
    // Some end at once, and leave the set.
    for (const flow of this.#receiving) flow.reject()
  }
}
