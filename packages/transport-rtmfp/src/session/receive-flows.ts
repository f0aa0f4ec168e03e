import { type ReceiveFlowHost, ReceiveFlowMachine } from '../flow/receive-flow.ts'
import { ByteReader } from '../wire/byte-reader.ts'
import { FlowOption, type UserData } from '../wire/user-data.ts'
import type { SessionLimits } from './limits.ts'

/** Unknown options from here on may be ignored (RFC 7016 §2.3.11.1). */
const IGNORABLE_OPTION = 0x2000
/** How long a flow that is over is remembered after something of it has come, milliseconds. */
const REMEMBERED = 120_000
const CARE_PERIOD = 5_000

/** What the flows of the far end need of their session. */
export interface ReceiveFlowsHost {
  acknowledgeSoon(flow: ReceiveFlowMachine): void
  /** All flows together keep more bytes than before, or less. */
  grew(bytes: number): void
  /** Whether we send a flow of this id that others may answer. */
  isAnswerable(flowId: number): boolean
  /** Whether somebody takes it. */
  takes(flow: ReceiveFlowMachine): boolean
}

/** The flows of the far end. */
export class ReceiveFlows implements ReceiveFlowHost {
  readonly #flows = new Map<number, ReceiveFlowMachine>()
  readonly #host: ReceiveFlowsHost
  readonly #limits: SessionLimits
  #careAt = Number.POSITIVE_INFINITY
  #buffered = 0
  #openCount = 0

  constructor(host: ReceiveFlowsHost, limits: SessionLimits) {
    this.#host = host
    this.#limits = limits
  }

  get buffered(): number {
    return this.#buffered
  }

  /** Those that are over included. */
  get size(): number {
    return this.#flows.size
  }

  get openCount(): number {
    return this.#openCount
  }

  /** More are over than are to be remembered. */
  get isCrowded(): boolean {
    return this.#flows.size - this.openCount > this.#limits.maxEndedFlows
  }

  acknowledgeSoon(flow: ReceiveFlowMachine): void {
    this.#host.acknowledgeSoon(flow)
  }

  grew(bytes: number): void {
    this.#buffered += bytes
    this.#host.grew(bytes)
  }

  over(): void {
    this.#openCount -= 1
  }

  get(id: number): ReceiveFlowMachine | undefined {
    return this.#flows.get(id)
  }

  /** The flow of a chunk, which begins with it if there was none. @throws WireError for an association that is none */
  flowOf(chunk: UserData): ReceiveFlowMachine {
    return this.#flows.get(chunk.flowId) ?? this.#begin(chunk)
  }

  #begin({ flowId, options = [] }: UserData): ReceiveFlowMachine {
    let metadata: Buffer | undefined
    let association: number | undefined
    let isWanted = true
    for (const { type, value } of options) {
      if (type === FlowOption.Metadata) metadata = value
      else if (type === FlowOption.ReturnAssociation) association = new ByteReader(value).vlu()
      else if (type < IGNORABLE_OPTION) isWanted = false
    }
    if (metadata === undefined || metadata.length > this.#limits.maxMetadata) isWanted = false
    if (association !== undefined && !this.#host.isAnswerable(association)) isWanted = false
    if (this.openCount >= this.#limits.maxReceiveFlows) isWanted = false
    // Of what nobody will ask for nothing is kept.
    const kept = isWanted && metadata !== undefined ? Buffer.from(metadata) : Buffer.alloc(0)
    const flow = new ReceiveFlowMachine(flowId, kept, association, this, this.#limits)
    this.#flows.set(flowId, flow)
    this.#openCount += 1
    if (!isWanted || !this.#host.takes(flow)) flow.reject()
    return flow
  }

  /** When {@link care} has something to do. */
  get deadline(): number {
    return this.#careAt
  }

  /** A flow is over: it is to be forgotten some time. */
  ended(now: number): void {
    this.#careAt = Math.min(this.#careAt, now + CARE_PERIOD)
  }

  /** Forgets flows that are over, and of which nothing has come since. */
  forget(since: number): void {
    for (const [id, flow] of this.#flows) if (!flow.isOpen && flow.lastHeardAt <= since) this.#flows.delete(id)
  }

  /** Forgets flows of which nothing comes any more. */
  care(now: number): void {
    if (now < this.#careAt) return
    this.#careAt = Number.POSITIVE_INFINITY
    for (const [id, flow] of this.#flows) {
      if (flow.isOpen) continue
      if (now - flow.lastHeardAt >= REMEMBERED) this.#flows.delete(id)
      else this.#careAt = now + CARE_PERIOD
    }
  }

  end(): void {
    for (const flow of this.#flows.values()) flow.end()
    this.#flows.clear()
  }
}
