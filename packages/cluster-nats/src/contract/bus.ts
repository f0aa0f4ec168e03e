/** What came in on a subject. */
export interface BusMessage {
  /** The one it was sent on, without wildcards. */
  readonly subject: string
  /** Shared with others who take it: never write into it. */
  readonly payload: Buffer
  /** Where an answer is expected, if one is. */
  readonly reply: string | undefined
}

/** What {@link Bus.ask} gives when nobody takes the subject. */
export const nobody: unique symbol = Symbol('nobody')

/**
 * Publish and subscribe, at most once: what is sent while the network is down is lost, what one sender sends on one
 * subject comes in order. Nothing here throws because of the network.
 */
export interface Bus {
  /** False from when the network is known to be down until {@link Bus.onUp} tells. */
  readonly isUp: boolean
  /**
   * Sends to all who take the subject.
   *
   * @param payload at most 1 MB; not to be changed afterwards
   */
  publish(subject: string, payload: Uint8Array): void
  /**
   * Memory for the payload that is published next, on that subject: it is to be filled at once, and given to
   * {@link Bus.publish}. So it need not be copied. Default: memory of the caller's own.
   *
   * @param length bytes
   */
  reserve?(subject: string, length: number): Buffer
  /**
   * Takes what comes on a subject, in which `*` stands for one token and a last `>` for one or more. It lasts over
   * reconnections. What the own process publishes comes too.
   *
   * @returns ends it
   */
  subscribe(subject: string, take: (message: BusMessage) => void): () => void
  /**
   * Publishes and takes all answers, however many, until the returned function is called.
   *
   * @param take called with {@link nobody} when nobody has subscribed to the subject; never called when all are silent
   */
  ask(subject: string, payload: Uint8Array, take: (answer: BusMessage | typeof nobody) => void): () => void
  /** Resolves when the server has seen all that was published before; rejects when the connection ends before that. */
  flush(): Promise<void>
  /**
   * Tells when the network is there again, perhaps by another server; what was sent meanwhile has been missed.
   *
   * @returns ends it
   */
  onUp(listener: () => void): () => void
  /**
   * Tells when another server of the network is lost: processes that were connected to it may need a while to be back.
   * Default: never.
   *
   * @returns ends it
   */
  onLoss?(listener: () => void): () => void
}

/** The ways of a process into the network. Of two, so that media that waits does not hold up who has which name. */
export interface Carrier {
  /** For claims, leases and what nodes ask each other. */
  readonly control: Bus
  /** For joins, snapshots and media of a stream: always the same one for the same stream. */
  media(sid: string): Bus
}
