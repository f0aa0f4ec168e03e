import {
  FlowOption,
  type FlowMetadata,
  Fragment,
  readFlowMetadata,
  Reassembly,
  SequenceSet,
  type UserData,
} from '@rtmpipe/transport-rtmfp/wire'

/** Told of the messages of a flow, in the order in which they were sent. */
export interface FlowReader {
  /** @param offset where its first fragment stands */
  message(bytes: Buffer, messageStreamId: number, offset: number): void
  /** What stood before the next message was given up by its sender, or is not in the capture. */
  gap(messageStreamId: number): void
}

/** Holes in what has come that are kept; beyond that, what comes is taken for not captured. */
const maxRanges = 2_000
/** The longest message that can be, with what is kept for its fragments, and again as much that waits. */
const maxHeld = 32 * 1024 * 1024
/** Parts that wait for one before them: to put one among very many takes time. */
const maxWaiting = 16_384
/** More than those that wait: of messages that were given up some are among them. */
const maxStarts = 2 * maxWaiting

/** One flow of one direction: which parts have come, and the messages that they make (RFC 7016 §3.6.3). */
export class FlowDump {
  #metadata: FlowMetadata | undefined
  readonly #received = new SequenceSet(maxRanges)
  readonly #reassembly = new Reassembly()
  /** Where the messages begin that are not whole yet, by the number of their first part. */
  readonly #starts = new Map<number, number>()
  #highest = 0
  /** Number of a last part that says no more than that it is the last: nothing is missing there. */
  #bareEnd: number | undefined

  /** What it is for; undefined as long as that is not known, and of flows that are not of RTMP. */
  get metadata(): FlowMetadata | undefined {
    return this.#metadata
  }

  /** Whether a part has come before. */
  has(sequence: number): boolean {
    return this.#received.has(sequence)
  }

  /** @param offset where the chunk stands */
  push(chunk: UserData, offset: number, reader: FlowReader): void {
    const { sequence, forwardSequence, fragment, isAbandoned, isFinal, options } = chunk
    if (this.#metadata === undefined) {
      const option = options?.find(({ type }) => type === FlowOption.Metadata)
      this.#metadata = option && readFlowMetadata(option.value)
    }
    const isNew = sequence > forwardSequence && this.#received.add(sequence)
    this.#received.addUpTo(forwardSequence)
    this.#highest = Math.max(this.#highest, sequence)
    if (isFinal && isAbandoned) this.#bareEnd = sequence
    if (isNew && !isAbandoned) {
      this.#reassembly.add(chunk)
      if (fragment === Fragment.Whole || fragment === Fragment.Begin) this.#starts.set(sequence, offset)
    }
    this.#deliver(offset, reader)
    if (this.#starts.size > maxStarts) this.#forgetLost()
    if (this.#reassembly.size <= maxHeld && this.#reassembly.waiting <= maxWaiting) return
    this.#reassembly.clear()
    this.#starts.clear()
    this.#received.addUpTo(this.#highest)
    this.#deliver(offset, reader)
  }

  /** No more of it: what is missing is not in the capture. True when a message has begun that did not end. */
  end(reader: FlowReader): boolean {
    this.#received.addUpTo(this.#highest)
    this.#deliver(0, reader)
    return this.#metadata !== undefined && this.#reassembly.begun > 0
  }

  #deliver(offset: number, reader: FlowReader): void {
    if (this.#metadata === undefined) return
    const { streamId } = this.#metadata
    let isTold = false
    const take = (bytes: Buffer, sequence: number): boolean => {
      const start = this.#starts.get(sequence) ?? offset
      this.#starts.delete(sequence)
      isTold = false
      reader.message(bytes, streamId, start)
      return true
    }
    const { cumulative } = this.#received
    this.#reassembly.takeInOrder(cumulative === this.#bareEnd ? cumulative - 1 : cumulative, take, () => {
      if (!isTold) reader.gap(streamId)
      isTold = true
    })
  }

  /** Of what is in order, only the last message that has begun may still become whole. */
  #forgetLost(): void {
    const { cumulative } = this.#received
    const inOrder = [...this.#starts.keys()].filter(start => start <= cumulative)
    const last = inOrder.reduce((most, start) => Math.max(most, start), 0)
    for (const start of inOrder) if (start !== last) this.#starts.delete(start)
  }
}
