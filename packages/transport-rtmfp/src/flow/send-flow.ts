import type { Delivery, OutgoingMessage, Priority, SendFlow, SendFlowOptions } from '../contract/flow.ts'
import type { Acknowledgement } from '../wire/acknowledgement.ts'
import { type ByteWriter, written } from '../wire/byte-writer.ts'
import { ChunkType } from '../wire/chunk-type.ts'
import { encodeOption, MARKER } from '../wire/options.ts'
import { CHUNK_HEADER_LENGTH } from '../wire/packet.ts'
import { FlowOption, Fragment } from '../wire/user-data.ts'
import { vluLength } from '../wire/vlu.ts'
import { Deque } from './deque.ts'
import { Message, type MessageOwner } from './message.ts'
import { type FragmentOwner, putInto, SentFragment, type SentPacket } from './sent-fragment.ts'

/** What flows for sending need of their session. */
export interface SendFlowHost {
  /** Something is to be sent, or looked at, soon. */
  wake(flow: SendFlowMachine): void
  /** It does not exist any more. */
  completed(flow: SendFlowMachine): void
  /** More bytes than before have not been delivered or given up, or less. */
  grew(bytes: number): void
}

/** The chunk that the packet being written ends with, if it is one of a flow. */
export interface ChunkBefore {
  flow: SendFlowMachine | undefined
  sequence: number
  forwardSequence: number
}

const ABANDON = 0x02
const FINAL = 0x01
const OPTIONS = 0x80
/** What the far end can take before it has said so (RFC 7016 §3.6.2). */
const FIRST_WINDOW = 65_536
/** Fragments below this are only made where they end a message. */
const LEAST_FRAGMENT = 200
/** Left free in packets for integers that may be longer when a fragment is sent again. */
const SLACK = 12
/** Fragments that are kept to be used again. */
const MOST_SPARE = 128
const FIRST_PROBE = 2_000
const LAST_PROBE = 60_000

/**
 * Our end of a flow of messages to the far end (RFC 7016 §3.6.2). Messages are cut when they are sent. What is given up before
 * takes a number all the same, so that the far end sees that something is missing.
 */
export class SendFlowMachine implements SendFlow, MessageOwner, FragmentOwner {
  readonly id: number
  readonly priority: Priority
  readonly #host: SendFlowHost
  readonly #options: SendFlowOptions
  readonly #highWater: number
  /** Sent with the first chunk of it in each packet, until it is known there; then undefined. */
  #introduction: Buffer | undefined
  /** Messages of which bytes are left to cut. */
  readonly #queue = new Deque<Message>()
  /** What was cut, from the oldest that is not resolved on, without holes in their numbers. */
  readonly #fragments = new Deque<SentFragment>()
  #unresolved = 0
  /** To be used again. They live as long as a round trip: V8 would keep many of them for old. */
  readonly #spare: SentFragment[] = []
  readonly #lost = new Deque<SentFragment>()
  #lastSequence = 0
  #buffered = 0
  #isRoomAwaited = false
  /** Written since the session was told the time. */
  #fresh: Message[] = []
  /** No message has to be given up before. */
  #nearestDeadline = Number.POSITIVE_INFINITY
  #outstanding = 0
  #window = FIRST_WINDOW
  #state: 'open' | 'closing' | 'complete' = 'open'
  #isFinalCut = false
  #isRefused = false
  #probeInterval = FIRST_PROBE
  #probeAt = Number.POSITIVE_INFINITY
  /** In the session's list of flows that have something to send. */
  isListed = false

  constructor(id: number, options: SendFlowOptions, host: SendFlowHost, highWater: number) {
    this.id = id
    this.priority = options.priority
    this.#options = options
    this.#host = host
    this.#highWater = highWater
    this.#introduction = Buffer.concat([
      encodeOption(FlowOption.Metadata, options.metadata),
      ...(options.association === undefined
        ? []
        : [encodeOption(FlowOption.ReturnAssociation, vlu(options.association))]),
      MARKER,
    ])
  }

  get isOpen(): boolean {
    return this.#state === 'open' && !this.#isRefused
  }

  get bufferedBytes(): number {
    return this.#buffered
  }

  get isRefused(): boolean {
    return this.#isRefused
  }

  get hasRoom(): boolean {
    if (this.#buffered <= this.#highWater) return true
    this.#isRoomAwaited = true
    return false
  }

  get oldestQueuedAt(): number | undefined {
    for (let index = 0; index < this.#queue.length; index += 1) {
      const message = this.#queue.at(index)
      if (message?.state === 'queued') return message.writtenAt
    }
    return undefined
  }

  write(parts: readonly Uint8Array[], delivery: Delivery = {}): OutgoingMessage {
    const message = new Message(this, parts, delivery)
    const parent = delivery.after instanceof Message ? delivery.after : undefined
    if (!this.isOpen) {
      message.discard()
      return message
    }
    // What is given up at once takes its place all the same, so that the far end sees that it is missing.
    this.#queue.push(message)
    const isLate = (delivery.startWithin ?? 1) <= 0 || (delivery.finishWithin ?? 1) <= 0
    if (isLate || parent?.addDependent(message) === false) message.discard()
    else {
      this.#buffered += message.length
      this.#host.grew(message.length)
      this.#fresh.push(message)
    }
    this.#host.wake(this)
    return message
  }

  close(): void {
    if (this.#state !== 'open') return
    this.#state = 'closing'
    this.#host.wake(this)
  }

  abandon(): void {
    this.#abandonAll()
    this.close()
  }

  /** The session is over: nothing will be sent or settled any more. */
  end(): void {
    this.#state = 'complete'
    this.#abandonAll()
  }

  #abandonAll(): void {
    for (let index = this.#fragments.length - 1; index >= 0; index -= 1) this.#fragments.at(index)?.message?.abandon()
    for (let index = this.#queue.length - 1; index >= 0; index -= 1) this.#queue.at(index)?.abandon()
  }

  abandoned(message: Message): void {
    this.#settled(message)
  }

  deadlineChanged(message: Message): void {
    this.#fresh.push(message)
    this.#host.wake(this)
  }

  #settled(message: Message): void {
    this.#buffered -= message.length
    this.#host.grew(-message.length)
    this.#options.onSettled?.(message)
    // Whoever waits goes on when it is closed, too: there may be other flows.
    if (this.#isRoomAwaited && this.#buffered <= this.#highWater && this.#state !== 'complete') {
      this.#isRoomAwaited = false
      this.#options.onRoom?.()
    }
    if (this.#state !== 'complete') this.#host.wake(this)
  }

  /** When {@link tick} has something to do by itself. */
  get deadline(): number {
    return Math.min(this.#nearestDeadline, this.#probeAt)
  }

  /** Gives up what is too late. */
  tick(now: number): void {
    if (this.#fresh.length > 0) {
      for (const message of this.#fresh) {
        message.stamp(now)
        message.renew(now)
        this.#nearestDeadline = Math.min(this.#nearestDeadline, message.deadline)
      }
      this.#fresh = []
    }
    if (now < this.#nearestDeadline) return
    const late: Message[] = []
    let nearest = Number.POSITIVE_INFINITY
    const look = (message: Message | undefined) => {
      if (message === undefined || message.isSettled) return
      if (message.deadline <= now) late.push(message)
      else nearest = Math.min(nearest, message.deadline)
    }
    for (let index = 0; index < this.#fragments.length; index += 1) look(this.#fragments.at(index)?.message)
    for (let index = 0; index < this.#queue.length; index += 1) look(this.#queue.at(index))
    this.#nearestDeadline = nearest
    for (const message of late) message.abandon()
  }

  /** Whether there is something that could be sent, window or not. */
  get hasWork(): boolean {
    if (this.#state === 'complete') return false
    this.#dropAbandoned()
    if (this.#nextLost() !== undefined || this.#queue.length > 0) return true
    if (this.#state === 'closing' && !this.#isFinalCut) return true
    const first = this.#fragments.first
    return first !== undefined && first.packet === undefined && first.isAbandoned
  }

  /** Whether the far end can take more of it. */
  get isAdmitted(): boolean {
    return this.#outstanding < this.#window || this.#isRefused
  }

  /**
   * True when the far end is to be asked whether it can take something again (RFC 7016 §3.6.2.9).
   *
   * @param timeout the session's retransmission timeout
   */
  probes(now: number, timeout: number): boolean {
    if (this.isAdmitted || this.#outstanding > 0 || !this.hasWork) {
      this.#probeAt = Number.POSITIVE_INFINITY
      this.#probeInterval = FIRST_PROBE
      return false
    }
    if (this.#probeAt === Number.POSITIVE_INFINITY) {
      this.#probeAt = now + Math.max(this.#probeInterval, timeout)
      return false
    }
    if (now < this.#probeAt) return false
    this.#probeInterval = Math.min(this.#probeInterval * Math.SQRT2, LAST_PROBE)
    this.#probeAt = now + Math.max(this.#probeInterval, timeout)
    return true
  }

  /**
   * Writes one chunk into a packet. False when there is nothing to send, or no room for it.
   */
  writeChunk(writer: ByteWriter, packet: SentPacket, before: ChunkBefore): boolean {
    const lost = this.#nextLost()
    this.#trim(lost !== undefined || this.#queue.length > 0)
    const fragment = lost ?? this.#cut(writer, before) ?? this.#bare()
    if (fragment === undefined) return false
    const forward = this.#forwardSequence
    const isNext = this.#isNext(fragment.sequence, forward, before)
    const overhead = this.#overhead(fragment.sequence, forward, before, isNext)
    if (overhead + (fragment.isAbandoned ? 0 : fragment.length) > writer.room) return false
    if (fragment === lost) this.#lost.shift()
    this.#write(writer, fragment, forward, before, isNext)
    before.flow = this
    before.sequence = fragment.sequence
    before.forwardSequence = forward
    this.#sent(fragment, packet)
    return true
  }

  #write(writer: ByteWriter, fragment: SentFragment, forward: number, before: ChunkBefore, isNext: boolean): void {
    const start = writer.position
    const introduction = before.flow === this ? undefined : this.#introduction
    const isAbandoned = fragment.isAbandoned
    writer.u8(isNext ? ChunkType.NextUserData : ChunkType.UserData).u16(0)
    writer.u8(
      fragment.kind |
        (introduction === undefined ? 0 : OPTIONS) |
        (isAbandoned ? ABANDON : 0) |
        (fragment.isFinal ? FINAL : 0),
    )
    if (!isNext)
      writer
        .vlu(this.id)
        .vlu(fragment.sequence)
        .vlu(fragment.sequence - forward)
    if (introduction !== undefined) writer.put(introduction)
    if (!isAbandoned) {
      fragment.message?.copy(writer.bytes, writer.position, fragment.offset, fragment.length)
      writer.position += fragment.length
    }
    fragment.size = writer.position - start
    writer.bytes.writeUInt16BE(fragment.size - CHUNK_HEADER_LENGTH, start + 1)
  }

  #sent(fragment: SentFragment, packet: SentPacket): void {
    putInto(packet, fragment)
    fragment.isLost = false
    fragment.wasAbandonedWhenSent = fragment.isAbandoned
    this.#outstanding += fragment.size
    const { message } = fragment
    if (message?.state === 'queued') message.state = 'sending'
  }

  #isNext(sequence: number, forward: number, before: ChunkBefore): boolean {
    return before.flow === this && before.sequence === sequence - 1 && before.forwardSequence === forward
  }

  #overhead(sequence: number, forward: number, before: ChunkBefore, isNext: boolean): number {
    if (isNext) return CHUNK_HEADER_LENGTH + 1
    const options = before.flow === this ? 0 : (this.#introduction?.length ?? 0)
    return CHUNK_HEADER_LENGTH + 1 + vluLength(this.id) + vluLength(sequence) + vluLength(sequence - forward) + options
  }

  /** Everything up to this number is settled. */
  get #forwardSequence(): number {
    const { first } = this.#fragments
    if (first === undefined) return this.#lastSequence
    const isSkipped = first.isAbandoned && (first.packet === undefined || first.wasAbandonedWhenSent)
    return isSkipped ? first.sequence : first.sequence - 1
  }

  /** The oldest fragment that was lost and is still wanted. */
  #nextLost(): SentFragment | undefined {
    for (let first = this.#lost.first; first !== undefined; first = this.#lost.first) {
      if (first.isLost && !first.isResolved && (!first.isAbandoned || first.isFinal)) return first
      first.isLost = false
      this.#lost.shift()
    }
    return undefined
  }

  /** Takes messages that were given up out of the way of those behind them. */
  #dropAbandoned(): void {
    for (let message = this.#queue.first; message?.state === 'abandoned'; message = this.#queue.first) {
      this.#queue.shift()
      const { last } = this.#fragments
      if (message.cut > 0) this.#append(undefined, 0, 0, Fragment.End)
      else if (last === undefined || !isUntoldGap(last)) this.#append(undefined, 0, 0, Fragment.Whole)
    }
  }

  #append(message: Message | undefined, offset: number, length: number, kind: Fragment): SentFragment {
    this.#lastSequence += 1
    const spare = this.#spare.pop()
    spare?.begin(this.#lastSequence, message, offset, length, kind)
    const fragment = spare ?? new SentFragment(this, this.#lastSequence, message, offset, length, kind)
    this.#fragments.push(fragment)
    this.#unresolved += 1
    return fragment
  }

  /** The next part of the next message, as long as there is room for. */
  #cut(writer: ByteWriter, before: ChunkBefore): SentFragment | undefined {
    this.#dropAbandoned()
    const message = this.#queue.first
    if (message === undefined) return undefined
    const sequence = this.#lastSequence + 1
    const { first } = this.#fragments
    const forward = first === undefined ? this.#lastSequence : this.#forwardSequence
    const isNext = this.#isNext(sequence, forward, before)
    const room = writer.room - this.#overhead(sequence, forward, before, isNext) - SLACK
    const left = message.length - message.cut
    const length = Math.min(left, room)
    if (length < left && length < LEAST_FRAGMENT) return undefined
    if (length < 0) return undefined
    const isFirst = message.cut === 0
    const isLast = length === left
    const kind = isFirst ? (isLast ? Fragment.Whole : Fragment.Begin) : isLast ? Fragment.End : Fragment.Middle
    const fragment = this.#append(message, message.cut, length, kind)
    message.cut += length
    if (isLast) this.#queue.shift()
    if (isLast && this.#state === 'closing' && this.#queue.length === 0) {
      fragment.isFinal = true
      this.#isFinalCut = true
    }
    return fragment
  }

  /** What is sent where no data is: the end of the flow, or that the first numbers are settled. */
  #bare(): SentFragment | undefined {
    if (this.#queue.length > 0) return undefined
    if (this.#state === 'closing' && !this.#isFinalCut) {
      this.#isFinalCut = true
      this.#trim(true)
      const fragment = this.#append(undefined, 0, 0, Fragment.Whole)
      fragment.isFinal = true
      fragment.isLost = true
      this.#lost.push(fragment)
      return this.#nextLost()
    }
    const { first } = this.#fragments
    return first !== undefined && first.packet === undefined && first.isAbandoned ? first : undefined
  }

  /**
   * Forgets what was given up before the first that was not: what is sent next says so.
   *
   * @param isFollowed something behind them is about to be sent; otherwise the last of them is needed to say it
   */
  #trim(isFollowed: boolean): void {
    this.#shiftResolved()
    for (;;) {
      const { first } = this.#fragments
      if (first === undefined || first.packet !== undefined || !first.isAbandoned || first.isFinal) return
      if (this.#unresolved < 2) return
      if (!isFollowed && !this.#isGivenUp(this.#second)) return
      this.#resolved(first)
      this.#shiftResolved()
    }
  }

  /** The first after the first that is not resolved. */
  get #second(): SentFragment | undefined {
    for (let index = 1; index < this.#fragments.length; index += 1) {
      const fragment = this.#fragments.at(index)
      if (fragment?.isResolved === false) return fragment
    }
    return undefined
  }

  #isGivenUp(fragment: SentFragment | undefined): boolean {
    return fragment !== undefined && fragment.packet === undefined && fragment.isAbandoned
  }

  #resolved(fragment: SentFragment): void {
    fragment.isResolved = true
    this.#unresolved -= 1
  }

  #shiftResolved(): void {
    for (let { first } = this.#fragments; first?.isResolved === true; { first } = this.#fragments) {
      this.#fragments.shift()
      if (!first.isFree || this.#spare.length === MOST_SPARE) continue
      first.message = undefined
      this.#spare.push(first)
    }
  }

  /**
   * Takes what the far end says that it has. False, and nothing is taken, when it says so of what was never sent.
   *
   * @param acked is told each fragment of which that is news, while it still has its packet
   */
  acknowledge(acknowledgement: Acknowledgement, acked: (fragment: SentFragment) => void): boolean {
    const { cumulative, ranges, bufferAvailable } = acknowledgement
    const highest = ranges.length > 0 ? (ranges[ranges.length - 1] as { last: number }).last : cumulative
    if (Math.max(highest, cumulative) > this.#lastSequence) return false
    this.#introduction = undefined
    this.#window = bufferAvailable
    const base = this.#fragments.first?.sequence ?? this.#lastSequence + 1
    this.#acknowledgeRange(base, base, cumulative, acked)
    for (const { first, last } of ranges) this.#acknowledgeRange(base, first, last, acked)
    this.#shiftResolved()
    this.#completeIfDone()
    return true
  }

  #acknowledgeRange(base: number, first: number, last: number, acked: (fragment: SentFragment) => void): void {
    for (let sequence = Math.max(base, first); sequence <= last; sequence += 1) {
      const fragment = this.#fragments.at(sequence - base)
      if (fragment === undefined || fragment.isResolved) continue
      this.#resolved(fragment)
      acked(fragment)
      if (fragment.packet !== undefined) this.#outstanding -= fragment.size
      fragment.packet = undefined
      const { message } = fragment
      if (message === undefined || message.isSettled) continue
      message.acknowledged += fragment.length
      if (message.acknowledged < message.length || message.cut < message.length) continue
      message.delivered()
      this.#settled(message)
    }
  }

  #completeIfDone(): void {
    if (this.#state !== 'closing' || !this.#isFinalCut || this.#unresolved > 0) return
    this.#state = 'complete'
    this.#host.completed(this)
    this.#options.onComplete?.()
  }

  /** A fragment in flight will not arrive. */
  lost(fragment: SentFragment): void {
    this.#outstanding -= fragment.size
    fragment.lostSentAt = fragment.packet?.sentAt
    fragment.packet = undefined
    fragment.isLost = true
    this.#lost.push(fragment)
    this.#host.wake(this)
  }

  /** The far end wants none of it: everything is given up (RFC 7016 §2.3.16). */
  refused(code: number): void {
    if (this.#isRefused || this.#state === 'complete') return
    this.#isRefused = true
    this.abandon()
    this.#options.onException?.(code)
  }
}

function vlu(value: number): Buffer {
  return written(vluLength(value), writer => writer.vlu(value))
}

/** A number that stands for messages that were given up, and that nobody has been told of. */
function isUntoldGap({ message, packet, lostSentAt, isResolved }: SentFragment): boolean {
  return message === undefined && packet === undefined && lostSentAt === undefined && !isResolved
}
