import type { Bus } from '../contract/bus.ts'
import type { Clock } from '../contract/clock.ts'
import type { Stores } from '../contract/store.ts'
import { DirectoryDownError } from '../errors.ts'
import { EpochError } from '../wire/errors.ts'
import { subjects } from '../wire/subjects.ts'
import { checkClaim, isRemade } from './check-claim.ts'
import { HeldClaim } from './held-claim.ts'
import { ignoreDown, Lease } from './lease.ts'
import { Leftovers } from './leftovers.ts'
import { checkAgain, checkPeriod, maxReturnPause } from './limits.ts'
import { announcementMessage, answerMessage, parseAnnouncement, parseQuestion } from './messages.ts'
import { Owners } from './owners.ts'
import { Sweeper } from './sweeper.ts'
import { Taker } from './taker.ts'
import { Unrest } from './unrest.ts'

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
  readonly #taker: Taker
  readonly #unrest: Unrest
  /** By sid, from when a name is asked for until it has been given back. */
  readonly #claims = new Map<string, HeldClaim>()
  /** What ends the waiting of claims that have not got an answer yet. */
  readonly #asking = new Map<Promise<void>, AbortController>()
  readonly #ends: readonly (() => void)[]
  #isOver = false

  constructor(options: ClaimsOptions) {
    this.#options = options
    const { node, bus, stores, clock } = options
    const unrest = new Unrest(bus, clock)
    const lease = new Lease(stores.nodes, clock, node, () => unrest.note())
    const owners = new Owners({ bus, clock, nodes: stores.nodes, lease, unrest })
    this.#unrest = unrest
    this.#lease = lease
    this.#taker = new Taker({ node, stores, clock, owners, unrest })
    this.#leftovers = new Leftovers(stores.streams, clock)
    this.#sweeper = new Sweeper({ node, bus, stores, clock, lease })
    this.#ends = [
      bus.subscribe(subjects.node(node), ({ payload, reply }) => this.#answer(payload, reply)),
      bus.onUp(() => this.#return()),
      () => unrest.end(),
    ]
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
      const epoch = await this.#taker.take(claim, signal)
      if (epoch !== undefined) this.#hold(claim, epoch)
    } catch (error) {
      if (!(error instanceof DirectoryDownError) || this.#options.whenDirectoryDown !== 'local') throw error
      if (!signal.aborted) this.#holdLocally(claim)
    }
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
    const isUnbroken = this.#unrest.isBefore(claim.seenAt)
    if (isUnbroken && (await isRemade(claim, stores.streams))) return this.#checkLater(claim, nextCheck(clock))
    // Somebody has perhaps had it and given it back, unheard: who has followed him takes no lesser number.
    claim.isLocal = true
    await this.#claimLate(claim)
  }

  /** What was taken without the directory is claimed, or ends when somebody else has claimed it. */
  async #claimLate(claim: HeldClaim): Promise<void> {
    const epoch = await this.#taker.tryToTake(claim, claim.over).catch(ignoreUnclear)
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
