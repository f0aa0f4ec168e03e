import type { Bus } from '../contract/bus.ts'
import type { Clock } from '../contract/clock.ts'
import type { StoreEntry, Stores } from '../contract/store.ts'
import { DirectoryDownError } from '../errors.ts'
import { epochOf, partsOf } from '../wire/epoch.ts'
import { EpochError } from '../wire/errors.ts'
import { subjects } from '../wire/subjects.ts'
import { askOwner } from './ask-owner.ts'
import { checkClaim } from './check-claim.ts'
import { HeldClaim } from './held-claim.ts'
import { ignoreDown, Lease } from './lease.ts'
import { Leftovers } from './leftovers.ts'
import {
  checkAgain,
  checkPeriod,
  deadAfter,
  maxDirectoryDown,
  maxReturnPause,
  promptStart,
  racePause,
  reconnectTime,
  returnGrace,
  retryPause,
} from './limits.ts'
import {
  announcementMessage,
  answerMessage,
  type Owner,
  parseAnnouncement,
  parseOwner,
  parseQuestion,
} from './messages.ts'
import { Sweeper } from './sweeper.ts'
import { pause } from './waiting.ts'

/** What a node does with a publish whose name can't be claimed because the directory has been down for 10 s. */
export type WhenDirectoryDown = 'local' | 'refuse'

/** What {@link Claims} are made of. */
export interface ClaimsOptions {
  /** Random, for each start of a process. */
  readonly node: string
  readonly bus: Bus
  readonly stores: Stores
  readonly clock: Clock
  /** Default `'refuse'`. */
  readonly whenDirectoryDown?: WhenDirectoryDown
}

/**
 * The names that this node has. Who may publish a name stands in the directory and is written with compare-and-set alone;
 * whether the one that stands there still wants it is asked of its node. What is published goes on when the directory is
 * down or has forgotten, and ends when a greater epoch is heard of.
 */
export class Claims {
  readonly #options: ClaimsOptions
  readonly #lease: Lease
  readonly #leftovers: Leftovers
  readonly #sweeper: Sweeper
  /** By sid, from when a name is asked for until it has been given back. */
  readonly #claims = new Map<string, HeldClaim>()
  /** What ends the waiting of claims that have not got an answer yet. */
  readonly #asking = new Map<Promise<void>, AbortController>()
  readonly #ends: readonly (() => void)[]
  #isOver = false
  /** When the directory was made, as it was read last. */
  #created: number | undefined
  readonly #startedAt: number
  #wasUp: boolean
  /** When the network was there again, or lost a server, or the directory did not answer: others may not be back yet. */
  #unsettledAt = -Infinity

  constructor(options: ClaimsOptions) {
    this.#options = options
    const { node, bus, stores, clock } = options
    const unsettle = (): void => void (this.#unsettledAt = clock.now())
    this.#startedAt = clock.now()
    this.#lease = new Lease(stores.nodes, clock, node, unsettle)
    this.#leftovers = new Leftovers(stores.streams, clock)
    this.#sweeper = new Sweeper({ node, bus, stores, clock, lease: this.#lease })
    this.#ends = [
      bus.subscribe(subjects.node(node), ({ payload, reply }) => this.#answer(payload, reply)),
      bus.onUp(() => this.#return()),
      bus.onLoss?.(unsettle) ?? (() => {}),
    ]
    this.#wasUp = bus.isUp
  }

  /** What this node holds. */
  get held(): HeldClaim[] {
    return [...this.#claims.values()].filter(({ isHeld }) => isHeld)
  }

  /**
   * Takes a name. An owner that does not answer is waited for until it has died, which takes some 14 s.
   *
   * @param signal ends the waiting; a claim that comes all the same is the caller's to release
   * @returns undefined when another has it, on this node or elsewhere, who does not make way
   * @throws DirectoryDownError when the directory has not answered for 10 s and publishes are refused then
   */
  async claim(sid: string, signal?: AbortSignal): Promise<HeldClaim | undefined> {
    const known = this.#claims.get(sid)
    if (known?.state === 'released') await known.release()
    if (this.#claims.has(sid) || this.#isOver || signal?.aborted === true) return undefined
    const claim = new HeldClaim(sid, this.#options.node, this)
    this.#claims.set(sid, claim)
    claim.ends.push(this.#options.bus.subscribe(subjects.epochs(sid), ({ payload }) => this.#hear(claim, payload)))
    this.#lease.start()
    this.#sweeper.start()
    const abort = new AbortController()
    const end = (): void => abort.abort()
    signal?.addEventListener('abort', end, { once: true })
    const asking = this.#ask(claim, abort.signal)
    this.#asking.set(asking, abort)
    try {
      await asking
    } finally {
      signal?.removeEventListener('abort', end)
      this.#asking.delete(asking)
      if (claim.state === 'claiming') this.#forget(claim)
    }
    if (claim.isHeld && this.#isOver) await claim.release()
    return claim.isHeld ? claim : undefined
  }

  /** Gives back every name, and what says that this node lives. */
  async dispose(): Promise<void> {
    this.#isOver = true
    this.#sweeper.end()
    for (const end of this.#ends) end()
    for (const abort of this.#asking.values()) abort.abort()
    await Promise.all(this.held.map(claim => claim.release()))
    await Promise.allSettled(this.#asking.keys())
    await Promise.all([...this.#claims.values()].map(claim => claim.release()))
    await Promise.all([this.#leftovers.end(), this.#lease.end()])
  }

  /** For {@link HeldClaim}. */
  announce({ sid, epoch }: HeldClaim): void {
    const { bus, node } = this.#options
    bus.publish(subjects.epochs(sid), announcementMessage({ epoch, node }))
  }

  /** For {@link HeldClaim}. */
  async release(claim: HeldClaim): Promise<void> {
    if (!claim.isHeld) return
    claim.finish()
    claim.state = 'released'
    await this.#clear(claim)
    claim.state = 'over'
    this.#claims.delete(claim.sid)
  }

  async #ask(claim: HeldClaim, signal: AbortSignal): Promise<void> {
    try {
      const epoch = await this.#take(claim, signal)
      if (epoch !== undefined) this.#hold(claim, epoch)
    } catch (error) {
      if (!(error instanceof DirectoryDownError) || this.#options.whenDirectoryDown !== 'local') throw error
      if (!signal.aborted) this.#holdLocally(claim)
    }
  }

  /** @returns the epoch; undefined when the name is another's, or the waiting is aborted */
  async #take(claim: HeldClaim, signal: AbortSignal): Promise<number | undefined> {
    const { clock } = this.#options
    let downSince: number | undefined
    while (!signal.aborted) {
      try {
        const taken = await this.#tryToTake(claim, signal)
        if (taken !== 'again') return taken
        downSince = undefined
        await pause(clock, racePause * (1 + clock.random()), signal)
      } catch (error) {
        if (!(error instanceof DirectoryDownError)) throw error
        claim.isUncertain = true
        this.#unsettledAt = clock.now()
        downSince ??= this.#unsettledAt
        if (clock.now() - downSince > maxDirectoryDown) throw downTooLong(error)
        await pause(clock, retryPause * (1 + clock.random()), signal)
      }
    }
    return undefined
  }

  async #tryToTake(claim: HeldClaim, signal: AbortSignal): Promise<number | 'again' | undefined> {
    const { node, stores } = this.#options
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
          const isFree = await this.#isFree(owner, sid, signal)
          if (isFree === 'again') return 'again'
          if (!isFree || signal.aborted) return undefined
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

  /**
   * Whether the node that stands in the directory does not want the name any more, or is dead. The lease decides that. One
   * that the servers do not know of is not waited for so long: the connections of a process that is gone end with it, and
   * those of one that only changes to another server are soon there again.
   */
  async #isFree(owner: Owner, sid: string, signal: AbortSignal): Promise<boolean | 'again'> {
    const { bus, clock, stores } = this.#options
    let lease: Promise<StoreEntry | null | undefined> | undefined
    let patience = reconnectTime
    const readLease = async (): Promise<StoreEntry | null | undefined> => {
      const entry = await stores.nodes.get(owner.node).catch(ignoreDown)
      // It has said goodbye, or has been dead for long: or all of NATS was down for so long that all leases are forgotten.
      if (entry === undefined) patience = 0
      return entry
    }
    const isGone = (since: number): boolean => {
      lease ??= readLease()
      const now = clock.now()
      // Where servers come and go again and again, all is never settled.
      return now - since >= deadAfter || (now - since >= patience && now - this.#unsettledAt >= returnGrace)
    }
    const answer = await askOwner(owner, sid, { bus, clock, signal, isGone })
    if (answer === undefined) return this.#lease.hasDied(owner.node, maxDirectoryDown, signal)
    if (answer !== 'gone') return answer === 'free'
    // It may have said in the meantime that it lives: then it will answer too.
    const before = await lease
    const now = await stores.nodes.get(owner.node)
    return now === undefined || now.revision === before?.revision || 'again'
  }

  #hold(claim: HeldClaim, epoch: number): void {
    claim.isLocal = false
    claim.hold(Math.max(epoch, claim.epoch))
    claim.seenAt = this.#options.clock.now()
    if (claim.rival > claim.epoch) return this.#lose(claim)
    claim.announce()
    this.#checkLater(claim, nextCheck(this.#options.clock))
  }

  /** Publishes without having asked, until the directory is back. */
  #holdLocally(claim: HeldClaim): void {
    claim.isLocal = true
    claim.hold(1 + Math.floor(this.#options.clock.random() * (2 ** 26 - 1)))
    if (claim.rival > claim.epoch) return this.#lose(claim)
    claim.announce()
    this.#checkLater(claim, checkAgain)
  }

  #lose(claim: HeldClaim): void {
    this.#claims.delete(claim.sid)
    claim.lose()
  }

  /** It has come to nothing; what may have been written is removed. */
  #forget(claim: HeldClaim): void {
    claim.finish()
    this.#claims.delete(claim.sid)
    if (claim.isUncertain || claim.revision !== undefined) void this.#clear(claim)
  }

  /** Another node has read in the directory that this one has a name, and wants it. */
  #answer(payload: Buffer, reply: string | undefined): void {
    const question = parseQuestion(payload)
    if (question === undefined || reply === undefined) return
    const claim = this.#claims.get(question.sid)
    const isOurs = claim?.id === question.claim && (claim.state === 'claiming' || (claim.isHeld && !claim.makesWay()))
    this.#options.bus.publish(reply, answerMessage(isOurs ? 'kept' : 'free'))
  }

  /** Somebody says that he publishes one of our names. */
  #hear(claim: HeldClaim, payload: Buffer): void {
    const told = parseAnnouncement(payload)
    if (told === undefined || told.node === this.#options.node) return
    claim.rival = Math.max(claim.rival, told.epoch)
    if (!claim.isHeld) return
    if (told.epoch > claim.epoch) return this.#lose(claim)
    // He has not heard of us, or the directory has forgotten us.
    if (told.epoch < claim.epoch) claim.announce()
    this.#checkLater(claim, 0)
  }

  #return(): void {
    const { clock } = this.#options
    if (this.#wasUp || clock.now() - this.#startedAt > promptStart) this.#unsettledAt = clock.now()
    this.#wasUp = true
    for (const claim of this.held) {
      // Whoever was back earlier has asked for it in vain.
      claim.announce()
      this.#checkLater(claim, clock.random() * maxReturnPause)
    }
  }

  #checkLater(claim: HeldClaim, delay: number): void {
    claim.cancelCheck()
    if (claim.isHeld) claim.cancelCheck = this.#options.clock.after(delay, () => void this.#check(claim))
  }

  async #check(claim: HeldClaim): Promise<void> {
    const { clock, stores } = this.#options
    if (claim.isLocal) return this.#claimLate(claim)
    const result = await checkClaim(claim, stores.streams).catch(ignoreUnclear)
    // Given back meanwhile: it must not stand there again.
    if (!claim.isHeld) return result === 'lost' || result === 'stands' ? undefined : this.#clear(claim)
    if (result === 'lost') return this.#lose(claim)
    if (result === 'stands') {
      claim.seenAt = clock.now()
      return this.#checkLater(claim, nextCheck(clock))
    }
    if (result !== 'restored') return this.#checkLater(claim, checkAgain)
    claim.announce()
    // It has been here all the time: nobody else has had the name.
    const isUnbroken = this.#unsettledAt < claim.seenAt
    if (isUnbroken && (await this.#isRemade(claim))) return this.#checkLater(claim, nextCheck(clock))
    // Somebody has perhaps had it and given it back, unheard: who has followed him takes no lesser number.
    claim.isLocal = true
    await this.#claimLate(claim)
  }

  /** Whether the directory has been made anew since the claim got its number. */
  async #isRemade({ epoch }: HeldClaim): Promise<boolean> {
    const created = await this.#options.stores.streams.created().catch(ignoreDown)
    return created !== null && partsOf(epochOf({ created, revision: 1 })).created !== partsOf(epoch).created
  }

  /** What was taken without the directory is claimed, or ends when somebody else has claimed it. */
  async #claimLate(claim: HeldClaim): Promise<void> {
    const epoch = await this.#tryToTake(claim, claim.over).catch(ignoreUnclear)
    if (!claim.isHeld) return this.#clear(claim)
    if (epoch === undefined) this.#lose(claim)
    else if (typeof epoch === 'number') this.#hold(claim, epoch)
    else this.#checkLater(claim, checkAgain)
  }

  #clear({ sid, id, revision }: HeldClaim): Promise<void> {
    return this.#leftovers.remove({ sid, id, revision })
  }
}

/** What is published goes on, also while nothing can be said because the directory can't number claims any more. */
function ignoreUnclear(error: unknown): null {
  return error instanceof EpochError ? null : ignoreDown(error)
}

/** Milliseconds; not the same for all, so that the directory is not asked by all at once. */
function nextCheck(clock: Clock): number {
  return checkPeriod * (1 - clock.random() / 10)
}

function downTooLong(cause: DirectoryDownError): DirectoryDownError {
  return new DirectoryDownError(
    'no name can be claimed, because the directory has not answered for 10 s: see that most of the NATS servers that have JetStream run, and are reached',
    { cause },
  )
}
