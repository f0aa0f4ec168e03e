import { Fragment } from '../wire/user-data.ts'
import type { Message } from './message.ts'

/** A packet that had something of flows in it. */
export interface SentPacket {
  /** One more than the one before: a transmission sequence number (RFC 7016 §3.6.2.5). */
  number: number
  sentAt: number
  /** Its fragments, in the order in which they were written, linked one to the next. */
  first: SentFragment | undefined
  last: SentFragment | undefined
}

/** Adds a fragment to a packet. */
export function putInto(packet: SentPacket, fragment: SentFragment): void {
  fragment.packet = packet
  fragment.nextInPacket = undefined
  if (packet.last === undefined) packet.first = fragment
  else packet.last.nextInPacket = fragment
  packet.last = fragment
}

/** Whose fragment it is. */
export interface FragmentOwner {
  /** It was in flight, and will not arrive. */
  lost(fragment: SentFragment): void
}

/** A part of a message, or a number under which there will be none. */
export class SentFragment {
  readonly flow: FragmentOwner
  sequence = 0
  /** Undefined where it only takes a number. */
  message: Message | undefined
  offset = 0
  length = 0
  kind: Fragment = Fragment.Whole
  isFinal = false
  /** The packet in which it is in flight. */
  packet: SentPacket | undefined
  /** Another one of that packet: it is sent again only when all of them have arrived, or were lost. */
  nextInPacket: SentFragment | undefined
  /** When it was sent before it was taken for lost; undefined if it never was. */
  lostSentAt: number | undefined
  /** Bytes that it takes of the window while it is in flight. */
  size = 0
  isResolved = false
  wasAbandonedWhenSent = false
  /** Waits to be sent again. */
  isLost = false

  constructor(
    flow: FragmentOwner,
    sequence: number,
    message: Message | undefined,
    offset: number,
    length: number,
    kind: Fragment = Fragment.Whole,
  ) {
    this.flow = flow
    this.begin(sequence, message, offset, length, kind)
  }

  /** Makes another one of it, once it {@link isFree}. */
  begin(sequence: number, message: Message | undefined, offset: number, length: number, kind: Fragment): void {
    this.sequence = sequence
    this.message = message
    this.offset = offset
    this.length = length
    this.kind = kind
    this.isFinal = false
    this.size = 0
    this.isResolved = false
    this.wasAbandonedWhenSent = false
  }

  /** Nobody looks at it any more: it has arrived, and is the link to nothing in its packet. */
  get isFree(): boolean {
    return this.isResolved && !this.isLost && this.lostSentAt === undefined && this.nextInPacket === undefined
  }

  get isAbandoned(): boolean {
    return this.message === undefined || this.message.state === 'abandoned'
  }
}
