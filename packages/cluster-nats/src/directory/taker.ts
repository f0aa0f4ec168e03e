import type { Clock } from '../contract/clock.ts'
import type { Stores } from '../contract/store.ts'
import { DirectoryDownError } from '../errors.ts'
import { epochOf } from '../wire/epoch.ts'
import type { HeldClaim } from './held-claim.ts'
import { maxDirectoryDown, racePause, retryPause } from './limits.ts'
import { parseOwner } from './messages.ts'
import type { Owners } from './owners.ts'
import type { Unrest } from './unrest.ts'
import { pause } from './waiting.ts'

/** What a {@link Taker} needs. */
export interface TakerOptions {
  readonly node: string
  readonly stores: Stores
  readonly clock: Clock
  readonly owners: Owners
  readonly unrest: Unrest
}

/** Writes claims into the directory, each in the place of nobody or of an owner who has left the name, and numbers them. */
export class Taker {
  readonly #options: TakerOptions
  /** When the directory was made, as it was read last. */
  #created: number | undefined

  constructor(options: TakerOptions) {
    this.#options = options
  }

  /**
   * Tries until it can be said whose the name is.
   *
   * @returns the epoch; undefined when the name is another's, or the waiting is aborted
   * @throws DirectoryDownError when the directory has not answered for 10 s
   * @throws EpochError when it can't number claims any more
   */
  async take(claim: HeldClaim, signal: AbortSignal): Promise<number | undefined> {
    const { clock, unrest } = this.#options
    let downSince: number | undefined
    while (!signal.aborted) {
      try {
        const taken = await this.tryToTake(claim, signal)
        if (taken !== 'again') return taken
        downSince = undefined
        await pause(clock, racePause * (1 + clock.random()), signal)
      } catch (error) {
        if (!(error instanceof DirectoryDownError)) throw error
        claim.isUncertain = true
        unrest.note()
        downSince ??= clock.now()
        if (clock.now() - downSince > maxDirectoryDown) throw downTooLong(error)
        await pause(clock, retryPause * (1 + clock.random()), signal)
      }
    }
    return undefined
  }

  /**
   * Tries once.
   *
   * @returns as {@link take}; `again` when it can't be said yet, because somebody else was writing
   * @throws DirectoryDownError when the directory does not answer: what was written may stand there
   * @throws EpochError when it can't number claims any more
   */
  async tryToTake(claim: HeldClaim, signal: AbortSignal): Promise<number | 'again' | undefined> {
    const { node, owners, stores } = this.#options
    const { sid, value } = claim
    const before = (this.#created ??= await stores.streams.created())
    let revision = await stores.streams.create(sid, value)
    if (revision === undefined) {
      const entry = await stores.streams.get(sid)
      // Given back just now; or who was asked is behind.
      if (entry === undefined) return 'again'
      const owner = parseOwner(entry.value)
      if (owner?.claim === claim.id) revision = entry.revision
      else {
        // One of this node is what is left of an earlier claim.
        if (owner !== undefined && owner.node !== node) {
          const hasLeft = await owners.hasLeft(owner, sid, signal)
          if (hasLeft === 'again') return 'again'
          if (!hasLeft || signal.aborted) return undefined
        }
        revision = await stores.streams.update(sid, value, entry.revision)
        if (revision === undefined) return 'again'
      }
    }
    claim.revision = revision
    const created = await stores.streams.created()
    if (created === before) return epochOf({ created, revision })
    // Made anew, perhaps since it was written: then the revision is of the one before, and another claim may have both numbers.
    this.#created = created
    return 'again'
  }
}

function downTooLong(cause: DirectoryDownError): DirectoryDownError {
  return new DirectoryDownError(
    'no name can be claimed, because the directory has not answered for 10 s: see that most of the NATS servers that have JetStream run, and are reached',
    { cause },
  )
}
