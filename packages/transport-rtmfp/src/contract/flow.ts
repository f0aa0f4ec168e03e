/** How long a message is worth sending, and how urgent it is. */
export interface Delivery {
  /** Milliseconds from now until which its first byte must have left; then it is given up, at once where none are left. Default: for ever. */
  readonly startWithin?: number
  /** Milliseconds from now until which it must have been delivered; then it is given up. Default: for ever. */
  readonly finishWithin?: number
  /** Given up with it: what can not be understood without it. */
  readonly after?: OutgoingMessage | undefined
}

/** A message on its way. */
export interface OutgoingMessage {
  /** `sending` from its first byte on; `delivered` when the far end has all of it. */
  readonly state: 'queued' | 'sending' | 'delivered' | 'abandoned'
  /** Gives it up, as far as it has not been delivered; deadlines that are left can only become nearer. */
  abandon(): void
  /**
   * Milliseconds from now; a deadline that is nearer stays.
   *
   * @param leastAge milliseconds that it has in any case from when it was written. Default 0
   */
  finishWithin(milliseconds: number, leastAge?: number): void
}

/** Highest first; those from {@link TIME_CRITICAL} on are time critical (RFC 7016 §3.5.2.1). */
export type Priority = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7

/** The lowest priority that is time critical. */
export const TIME_CRITICAL = 4

/** What a flow for sending is opened with. */
export interface SendFlowOptions {
  /** What it is for, told to the far end. */
  readonly metadata: Buffer
  /** Id of the far end's flow that it answers. */
  readonly association?: number | undefined
  readonly priority: Priority
  /** A message has been delivered or given up. */
  onSettled?(message: OutgoingMessage): void
  /** There is room again, after {@link SendFlow.write} had been told that there is not. */
  onRoom?(): void
  /** The far end wants none of it (RFC 7016 §2.3.16); everything was given up. */
  onException?(code: number): void
  /** Everything was settled after {@link SendFlow.close}. */
  onComplete?(): void
}

/** Our end of a flow of messages to the far end (RFC 7016 §3.6.2). */
export interface SendFlow {
  readonly id: number
  /** Until it was closed or refused. */
  readonly isOpen: boolean
  /** The far end wants none of it, which it says of each flow by itself. */
  readonly isRefused: boolean
  /** Bytes that have not been delivered or given up. */
  readonly bufferedBytes: number
  /** False while it has more than the high-water mark; what is written all the same is taken. */
  readonly hasRoom: boolean
  /** When the oldest message of which nothing has been sent was written, by the session's clock; undefined if there is none. */
  readonly oldestQueuedAt: number | undefined
  /**
   * The bytes of one message, in parts that are not copied: nobody may change them any more. What comes back as abandoned (its
   * parent was, it is late already, or the flow is not open) is not told to `onSettled`.
   */
  write(parts: readonly Uint8Array[], delivery?: Delivery): OutgoingMessage
  /** Nothing more will be written. What was is still sent. */
  close(): void
  /** Gives up everything, and closes. */
  abandon(): void
}

/** Our end of a flow of messages from the far end (RFC 7016 §3.6.3). */
export interface ReceiveFlow {
  readonly id: number
  /** What it is for. */
  readonly metadata: Buffer
  /** Id of our flow that it answers. */
  readonly association: number | undefined
  /** Set by who takes the flow: a whole message, in the order in which it was sent unless {@link isUnordered}. */
  onMessage: (message: Buffer, sequence: number) => void
  /** Messages before the next one are missing: their sender has given them up. */
  onGap: () => void
  /** All that was sent has come, or will not come: `finished` by its sender, or the session has ended. */
  onEnd: (finished: boolean) => void
  /** Give messages when they are complete, whatever is missing before them. Set it before the first one. */
  isUnordered: boolean
  /** Takes nothing while true: the far end's window closes, and its sender has to wait. */
  isHeld: boolean
  /** Wants no more of it. */
  reject(code?: number): void
}
