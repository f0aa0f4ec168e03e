import type { Bus } from '../contract/bus.ts'
import type { Clock } from '../contract/clock.ts'
import type { Store, StoreEntry } from '../contract/store.ts'
import { askOwner } from './ask-owner.ts'
import { ignoreDown, type Lease } from './lease.ts'
import { deadAfter, maxDirectoryDown, reconnectTime } from './limits.ts'
import type { Owner } from './messages.ts'
import type { Unrest } from './unrest.ts'

/** What {@link Owners} need. */
export interface OwnersOptions {
  readonly bus: Bus
  readonly clock: Clock
  /** The leases of all. */
  readonly nodes: Store
  /** Of this node. */
  readonly lease: Lease
  readonly unrest: Unrest
}

/** The other nodes that stand in the directory with a name that is wanted here: whether it is to be had. */
export class Owners {
  readonly #options: OwnersOptions

  constructor(options: OwnersOptions) {
    this.#options = options
  }

  /**
   * Whether an owner does not want a name any more, or is dead. The lease decides that. One that the servers do not know of
   * is not waited for so long: the connections of a process that is gone end with it, and those of one that only changes to
   * another server are soon there again.
   *
   * @returns `again` when it lives after all, so that it will answer if it is asked once more
   * @throws DirectoryDownError when the directory has to be read and does not answer
   */
  async hasLeft(owner: Owner, sid: string, signal: AbortSignal): Promise<boolean | 'again'> {
    const { bus, clock, nodes, lease, unrest } = this.#options
    let found: Promise<StoreEntry | null | undefined> | undefined
    let patience = reconnectTime
    const findLease = async (): Promise<StoreEntry | null | undefined> => {
      const entry = await nodes.get(owner.node).catch(ignoreDown)
      // It has said goodbye, or has been dead for long: or all of NATS was down for so long that all leases are forgotten.
      if (entry === undefined) patience = 0
      return entry
    }
    const isGone = (since: number): boolean => {
      found ??= findLease()
      const unknownFor = clock.now() - since
      // Where servers come and go again and again, the unrest is never over.
      return unknownFor >= deadAfter || (unknownFor >= patience && unrest.isOver)
    }
    const answer = await askOwner(owner, sid, { bus, clock, signal, isGone })
    if (answer === undefined) return lease.hasDied(owner.node, maxDirectoryDown, signal)
    if (answer !== 'gone') return answer === 'free'
    // It may have said in the meantime that it lives: then it will answer too.
    const before = await found
    const now = await nodes.get(owner.node)
    return now === undefined || now.revision === before?.revision || 'again'
  }
}
