import type { ReceiveFlow } from '../contract/flow.ts'
import { type Acknowledgement, writeAcknowledgement } from '../wire/acknowledgement.ts'
import type { ByteWriter } from '../wire/byte-writer.ts'
import { SequenceSet } from '../wire/sequence-set.ts'
import { writeFlowException } from '../wire/session-chunks.ts'
import type { UserData } from '../wire/user-data.ts'
import { vluLength } from '../wire/vlu.ts'
import { FRAGMENT_OVERHEAD, Reassembly } from './reassembly.ts'

/** What flows that are received need of their session. */
export interface ReceiveFlowHost {
  /** Its window, or what it thinks of the flow, has changed: the far end is to be told. */
  acknowledgeSoon(flow: ReceiveFlowMachine): void
  /** Bytes that all flows of the session keep. */
  readonly buffered: number
  /** This one keeps more bytes than before, or less. */
  grew(bytes: number): void
  /** It is not open any more. */
  over(): void
}

/** What a flow that is received may take. */
export interface ReceiveFlowLimits {
  readonly maxMessageLength: number
  readonly maxBuffered: number
  readonly maxFragments: number
  readonly maxRanges: number
  readonly maxSequenceSpan: number
}

const BLOCK = 1024
/** What is taken while nobody takes it from here. */
const HELD_WINDOW = 65_536
/** Beyond the longest message and what its fragments take: what comes out of order before it is whole. */
const SPARE = 65_536

/** The far end's flow of messages to us (RFC 7016 §3.6.3). After {@link reject} nothing is called any more. */
export class ReceiveFlowMachine implements ReceiveFlow {
  readonly id: number
  readonly metadata: Buffer
  readonly association: number | undefined
  onMessage: (message: Buffer, sequence: number) => void = () => {}
  onGap: () => void = () => {}
  onEnd: (finished: boolean) => void = () => {}
  isUnordered = false
  readonly #host: ReceiveFlowHost
  readonly #limits: ReceiveFlowLimits
  readonly #received: SequenceSet
  readonly #reassembly = new Reassembly()
  #state: 'open' | 'rejected' | 'complete' = 'open'
  #exception = 0
  #final: number | undefined
  /** The last number has no message: it was only needed to say that it is the last. */
  #isFinalEmpty = false
  #isHeard = false
  #isHeld = false
  #isDelivering = false
  /** Bytes that its session knows of. */
  #counted = 0
  #lastWindow = Number.POSITIVE_INFINITY
  /** Nothing has come for as long as the session remembers flows: then it may forget this one. */
  lastHeardAt = 0
  /** In the session's list of flows that are to be acknowledged. */
  isAwaited = false

  constructor(
    id: number,
    metadata: Buffer,
    association: number | undefined,
    host: ReceiveFlowHost,
    limits: ReceiveFlowLimits,
  ) {
    this.id = id
    this.metadata = metadata
    this.association = association
    this.#host = host
    this.#limits = limits
    this.#received = new SequenceSet(limits.maxRanges)
  }

  get isOpen(): boolean {
    return this.#state === 'open'
  }

  /** Everything has come, of a flow that was taken or not: it is only remembered to answer what comes late. */
  get isComplete(): boolean {
    return this.#final !== undefined && this.#received.cumulative >= this.#final
  }

  get isHeld(): boolean {
    return this.#isHeld
  }

  set isHeld(held: boolean) {
    if (this.#isHeld === held) return
    this.#isHeld = held
    if (held || this.#state !== 'open') return
    this.#deliver()
    this.#count()
    this.#host.acknowledgeSoon(this)
  }

  /** Tells the session what is kept now. */
  #count(): void {
    const { size } = this.#reassembly
    if (size !== this.#counted) this.#host.grew(size - this.#counted)
    this.#counted = size
  }

  #close(state: 'rejected' | 'complete'): void {
    this.#state = state
    this.#reassembly.clear()
    this.#count()
    this.#host.over()
  }

  reject(code = 0): void {
    if (this.#state !== 'open') return
    this.#exception = code
    this.#close('rejected')
    this.#host.acknowledgeSoon(this)
  }

  /** The session is over. */
  end(): void {
    if (this.#state !== 'open') return
    this.#close('complete')
    this.onEnd(false)
  }

  /** Takes a chunk. True when it is to be acknowledged at once (RFC 7016 §3.6.3.4). */
  take(chunk: UserData, now: number): boolean {
    const set = this.#received
    const { sequence, forwardSequence, isAbandoned, isFinal } = chunk
    const isFirst = !this.#isHeard
    this.#isHeard = true
    this.lastHeardAt = now
    if (sequence > Math.max(set.cumulative, forwardSequence) + this.#limits.maxSequenceSpan) return true
    const isSkipping = forwardSequence > set.cumulative
    set.addUpTo(forwardSequence)
    const isKept = this.#state === 'open' && !isAbandoned
    const isNew = sequence > forwardSequence && !set.has(sequence)
    let isTaken = false
    if (isNew && (!isKept || this.#hasRoom(chunk))) isTaken = set.add(sequence)
    // What was one too many has closed it.
    if (isTaken && isKept && this.isOpen) this.#reassembly.add(chunk)
    const isFirstFinal = isFinal && this.#final === undefined
    if (isFirstFinal) {
      this.#final = sequence
      this.#isFinalEmpty = isAbandoned
    }
    if (this.#state === 'open') {
      if (this.isUnordered) this.#deliverUnordered(chunk, isTaken && isKept, isSkipping)
      else this.#deliver()
      this.#finish()
    }
    this.#count()
    const isPlain = isTaken && !isAbandoned && !isFirstFinal && set.ranges.length === 0 && !isSkipping
    return isFirst || !isPlain || this.#state !== 'open' || this.#lastWindow < 2 * BLOCK
  }

  #hasRoom({ sequence, data }: UserData): boolean {
    const { maxMessageLength, maxBuffered, maxFragments } = this.#limits
    const isNext = sequence === this.#received.cumulative + 1
    if (this.#isHeld) return this.#reassembly.size + data.length <= Math.max(HELD_WINDOW, data.length)
    // A message that is longer than what we take, whose end will never come.
    if (isNext && this.#reassembly.begun + data.length > maxMessageLength) {
      this.#fail()
      return true
    }
    // To put one among very many takes time.
    if (!isNext && this.#reassembly.waiting >= maxFragments) return false
    const room = Math.min(this.#capacity - this.#reassembly.size, maxBuffered - this.#host.buffered)
    if (data.length + FRAGMENT_OVERHEAD <= room) return true
    if (isNext) this.#fail()
    return isNext
  }

  /** Gives the flow up by ourselves. */
  #fail(): void {
    this.reject()
    this.onEnd(false)
  }

  get #capacity(): number {
    const { maxMessageLength } = this.#limits
    return maxMessageLength + maxMessageLength / 8 + SPARE
  }

  #deliver(): void {
    if (this.#isDelivering) return
    this.#isDelivering = true
    try {
      const { cumulative } = this.#received
      const settled = this.#isFinalEmpty && cumulative === this.#final ? cumulative - 1 : cumulative
      if (!this.#isHeld) this.#reassembly.takeInOrder(settled, this.#hand, this.#gap)
    } finally {
      this.#isDelivering = false
    }
    this.#finish()
  }

  readonly #hand = (message: Buffer, sequence: number): boolean => {
    this.#isGapTold = false
    this.onMessage(message, sequence)
    return !this.#isHeld && this.#state === 'open'
  }

  #isGapTold = false

  readonly #gap = (): void => {
    if (this.#isGapTold || this.#state !== 'open') return
    this.#isGapTold = true
    this.onGap()
  }

  #deliverUnordered(chunk: UserData, isKept: boolean, isSkipping: boolean): void {
    if (isSkipping) this.#gap()
    const whole = isKept ? this.#reassembly.takeAround(chunk.sequence) : undefined
    if (whole !== undefined) this.#hand(whole.message, whole.sequence)
    this.#reassembly.dropUpTo(chunk.forwardSequence)
  }

  #finish(): void {
    if (this.#state !== 'open' || !this.isComplete || this.#isHeld) return
    this.#close('complete')
    this.onEnd(true)
  }

  /** Bytes that the far end may send. */
  get #window(): number {
    if (this.#state !== 'open') return this.#capacity
    if (this.#isHeld) return Math.max(0, HELD_WINDOW - this.#reassembly.size)
    const { maxBuffered } = this.#limits
    const room = Math.min(this.#capacity - this.#reassembly.size, maxBuffered - this.#host.buffered)
    // Some take none at all for a failure.
    return Math.max(room, 1)
  }

  /** Writes what has been received. False when there is no room. @param isFirst as many ranges as fit will do */
  writeAcknowledgement(writer: ByteWriter, isFirst: boolean): boolean {
    const window = this.#window
    const acknowledgement: Acknowledgement = {
      flowId: this.id,
      bufferAvailable: window,
      cumulative: this.#received.cumulative,
      ranges: this.#received.ranges,
    }
    const exception = this.#state === 'rejected' ? 3 + vluLength(this.id) + vluLength(this.#exception) : 0
    if (!isFirst && writer.room < exception + lengthOf(acknowledgement)) return false
    if (writer.room < exception + 24) return false
    if (exception > 0) writeFlowException(writer, { flowId: this.id, code: this.#exception })
    if (!writeAcknowledgement(writer, acknowledgement)) return false
    this.#lastWindow = window
    return true
  }
}

function lengthOf({ flowId, bufferAvailable, cumulative, ranges }: Acknowledgement): number {
  let length = 3 + vluLength(flowId) + vluLength(Math.ceil(bufferAvailable / BLOCK)) + vluLength(cumulative)
  let before = cumulative
  for (const { first, last } of ranges) {
    length += vluLength(first - before - 2) + vluLength(last - first)
    before = last
  }
  return length
}
