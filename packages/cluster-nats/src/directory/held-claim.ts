import { randomUUID } from 'node:crypto'
import { ownerMessage } from './messages.ts'

/** What a claim asks of those who keep it. */
export interface ClaimKeeper {
  announce(claim: HeldClaim): void
  release(claim: HeldClaim): Promise<void>
}

/** `claiming` until the directory says yes, `released` until it has been told, `over` when nothing is left of it. */
type ClaimState = 'claiming' | 'held' | 'over' | 'released'

/** A name that this node has: the claim of a `Fabric`, without the name. */
export class HeldClaim {
  readonly sid: string
  /** Random. */
  readonly id: string = randomUUID()
  /** What stands in the directory. */
  readonly value: Buffer
  /** Whether it makes way for another node that claims the name; asked only while it is held. Default: it never does. */
  makesWay: () => boolean = () => false
  /** For {@link Claims}, as what follows: of the entry in the directory; undefined when it is not known. */
  revision: number | undefined
  state: ClaimState = 'claiming'
  /** Whether the directory has not answered for a write, so that it may have been made. */
  isUncertain = false
  /** Whether it has been taken without the directory, under a number that is less than all of the directory's. */
  isLocal = false
  /** When it was seen in the directory last, of the clock. */
  seenAt: number = -Infinity
  /** The greatest epoch that another node has announced. */
  rival = 0
  /** Ends what it does in the background. */
  readonly ends: (() => void)[] = []
  /** Ends the waiting for the next look into the directory. */
  cancelCheck = (): void => {}
  readonly #keeper: ClaimKeeper
  readonly #lost = new AbortController()
  readonly #over = new AbortController()
  readonly #listeners = new Set<(epoch: number) => void>()
  #epoch = 0
  #released: Promise<void> | undefined

  constructor(sid: string, node: string, keeper: ClaimKeeper) {
    this.sid = sid
    this.value = ownerMessage({ node, claim: this.id })
    this.#keeper = keeper
  }

  /** Later claims of a name have greater numbers. It changes once when it was taken without the directory. */
  get epoch(): number {
    return this.#epoch
  }

  /** Aborted when somebody else has the name now. */
  get lost(): AbortSignal {
    return this.#lost.signal
  }

  /** For {@link Claims}: aborted when it is not held any more, for whatever reason. */
  get over(): AbortSignal {
    return this.#over.signal
  }

  /** Whether this node may publish the name. */
  get isHeld(): boolean {
    return this.state === 'held'
  }

  /** Tells when the epoch has changed: what is published goes on under the new one. @returns ends it */
  whenRenumbered(listener: (epoch: number) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Tells those who follow the name that it is published under this epoch now. */
  announce(): void {
    if (this.isHeld) this.#keeper.announce(this)
  }

  /**
   * Gives the name back. Idempotent. When the directory does not answer that is done later, and whoever claims the name
   * meanwhile gets it all the same.
   */
  release(): Promise<void> {
    this.#released ??= this.#keeper.release(this)
    return this.#released
  }

  /** For {@link Claims}: it has a number now. */
  hold(epoch: number): void {
    this.state = 'held'
    const isNew = this.#epoch !== 0 && this.#epoch !== epoch
    this.#epoch = epoch
    if (isNew) for (const listener of this.#listeners) listener(epoch)
  }

  /** For {@link Claims}: somebody else has the name. */
  lose(): void {
    this.finish()
    this.#lost.abort()
  }

  /** For {@link Claims}: nothing more happens for it. */
  finish(): void {
    this.state = 'over'
    this.cancelCheck()
    for (const end of this.ends.splice(0)) end()
    this.#over.abort()
  }
}
