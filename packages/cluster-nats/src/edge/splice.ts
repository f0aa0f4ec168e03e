import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { FrameFlag, FrameKind, MessageFlag } from '../wire/frame.ts'
import type { Arrival } from './frame-reader.ts'
import { maxHeldBytes, maxHeldTime } from './limits.ts'

/** What becomes of the frames of a publish. */
export interface SpliceOutput {
  /** @param at when it came */
  take(message: RtmpMessage, at: number): void
  /** Messages are missing before the next one. */
  hole(): void
  /** A snapshot comes next: it does not go on from what came before, if anything did. */
  restart(): void
  /** Metadata or headers are missing: frames are held again, until another snapshot has come. */
  headersMissing(): void
  /** The publish is over. @param isCutOff its process is gone, and the publish perhaps not over */
  end(isCutOff: boolean): void
}

interface Held {
  readonly arrival: Arrival
  readonly bytes: number
  readonly at: number
}

/**
 * Joins a snapshot and the live frames of one publish without hole or double: frames are held until the snapshot is there,
 * what it contains of them is left out, and from there on their numbers show what is missing.
 */
export class Splice {
  readonly #output: SpliceOutput
  /** Undefined while nothing is held. */
  #held: Held[] | undefined = []
  #bytes = 0
  /** Number of the next message; undefined when what comes goes on from nothing. */
  #next: number | undefined
  /** How many metadata and header messages there have been. */
  #headers = 0

  constructor(output: SpliceOutput) {
    this.#output = output
  }

  /** Whether a snapshot is waited for. */
  get isHolding(): boolean {
    return this.#held !== undefined
  }

  /** Of what is held. */
  get bytes(): number {
    return this.#bytes
  }

  /** Holds frames for a snapshot, unless the next one shows that nothing is missing. */
  hold(): void {
    this.#held ??= []
  }

  /** Holds frames for a snapshot whatever comes, without those that are held already. */
  begin(): void {
    this.#held = []
    this.#bytes = 0
    this.#next = undefined
  }

  /** @param at when it came, milliseconds */
  push(arrival: Arrival, at: number): void {
    if (this.#held === undefined) return this.#deliver(arrival, at)
    if (this.#held.length === 0 && arrival.seq === this.#next) {
      this.#held = undefined
      return this.#deliver(arrival, at)
    }
    this.#hold(arrival, at)
  }

  /** Takes the snapshot that is waited for. */
  snapshot({ seq, headers, messages }: Arrival, at: number): void {
    this.#output.restart()
    for (const message of messages) this.#output.take(message, at)
    this.#next = (seq + 1) >>> 0
    this.#headers = headers
    this.release()
  }

  /** There won't be a snapshot for now: goes on with what is held, perhaps after a hole. */
  release(): void {
    const held = this.#held ?? []
    this.#held = undefined
    this.#bytes = 0
    for (const { arrival, at } of held) this.push(arrival, at)
  }

  /** Of too many the oldest go, which shows in the numbers of the others. */
  #hold(arrival: Arrival, at: number): void {
    const held = this.#held as Held[]
    let bytes = 0
    for (const { payload } of arrival.messages) bytes += payload.length
    held.push({ arrival, bytes, at })
    this.#bytes += bytes
    let count = 0
    for (const oldest of held) {
      if (this.#bytes <= maxHeldBytes && at - oldest.at <= maxHeldTime) break
      this.#bytes -= oldest.bytes
      count += 1
    }
    if (count > 0) held.splice(0, count)
  }

  #deliver(arrival: Arrival, at: number): void {
    const { kind, flags, seq, headers, messages } = arrival
    const missing = this.#next === undefined ? 1 : (seq - this.#next) | 0
    if (missing > 0) {
      if (((headers - headersIn(messages) - this.#headers) | 0) > 0) {
        this.begin()
        this.#hold(arrival, at)
        return this.#output.headersMissing()
      }
      this.#output.hole()
    }
    const end = (seq + messages.length) >>> 0
    if (missing > 0 || ((end - (this.#next as number)) | 0) >= 0) {
      this.#next = end
      this.#headers = headers
      for (let index = Math.max(0, -missing); index < messages.length; index += 1)
        this.#output.take(messages[index] as RtmpMessage, at)
    }
    if (kind === FrameKind.End) this.#output.end((flags & FrameFlag.CutOff) !== 0)
  }
}

function headersIn(messages: Arrival['messages']): number {
  let count = 0
  for (const { flags } of messages) if ((flags & (MessageFlag.Header | MessageFlag.Metadata)) !== 0) count += 1
  return count
}
