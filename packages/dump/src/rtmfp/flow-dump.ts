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
const maxStarts = 100_000

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
      const isStart = fragment === Fragment.Whole || fragment === Fragment.Begin
      if (isStart && this.#starts.size < maxStarts) this.#starts.set(sequence, offset)
    }
    this.#deliver(offset, reader)
    if (this.#reassembly.size <= maxHeld) return
    this.#reassembly.clear()
    this.#starts.clear()
    this.#received.addUpTo(this.#highest)
    if (this.#metadata !== undefined) reader.gap(this.#metadata.streamId)
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
      this.#forget(sequence)
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

  #forget(sequence: number): void {
    for (const start of this.#starts.keys()) {
      if (start > sequence) return
      this.#starts.delete(start)
    }
  }
}
