import { MemoryNetwork, type MemoryNode, Random } from '@rtmpipe/cluster-nats/memory'
import { Claims, type WhenDirectoryDown } from '../../src/directory/claims.ts'
import type { HeldClaim } from '../../src/directory/held-claim.ts'

/** What a schedule may do to its network. */
export interface ScheduleOptions {
  /** Whether acknowledged writes may be lost, after which epochs come twice. Default false. */
  readonly forgets?: boolean
  readonly whenDirectoryDown?: WhenDirectoryDown
}

interface Publisher {
  readonly node: MemoryNode
  readonly claims: Claims
}

interface Win {
  readonly sid: string
  readonly epoch: number
  readonly askedAt: number
  readonly wonAt: number
  readonly claim: HeldClaim
}

/** Milliseconds. */
const duration = 90_000
const healed = 35_000

/**
 * Some nodes claim some names and give them back while everything goes wrong that can, by chance but always the same for
 * a seed. Then all is mended.
 */
export class DirectorySchedule {
  readonly violations: string[] = []
  /** Names taken. */
  readonly wins: Win[] = []
  readonly #random: Random
  readonly #network: MemoryNetwork
  readonly #options: ScheduleOptions
  readonly #publishers: Publisher[] = []
  readonly #heals = new Set<() => void>()
  readonly #sids: readonly string[]
  #nodes = 0
  #isMended = false

  constructor(seed: number, options: ScheduleOptions = {}) {
    this.#random = new Random(seed)
    this.#options = options
    this.#network = new MemoryNetwork({ seed: seed + 1, eventsPerTurn: 64 })
    const count = this.#int(2, 6)
    this.#sids = Array.from({ length: this.#int(1, 3) }, (_, index) => `${index}`.padEnd(22, 'x'))
    for (let index = 0; index < count; index += 1) this.#begin()
  }

  async run(): Promise<this> {
    const { clock, faults } = this.#network
    const end = clock.now() + duration
    const act = (): void => {
      if (clock.now() > end) return
      this.#act()
      clock.after(this.#random.between(1, 3_000), act)
    }
    const look = (): void => {
      this.#checkEpochs()
      if (!this.#isMended) clock.after(200, look)
    }
    act()
    look()
    await this.#network.run(duration)
    this.#isMended = true
    for (const heal of this.#heals) heal()
    faults.loseAnswers(0)
    faults.readLate(0)
    await this.#network.run(healed)
    this.#checkOwners()
    const ends = Promise.all(this.#publishers.map(({ claims }) => claims.dispose()))
    await this.#network.settle(ends)
    await this.#network.run(20_000)
    const { subscriptions, questions } = this.#network.remains
    if (subscriptions + questions > 0)
      this.violations.push(`${subscriptions} subscriptions, ${questions} questions remain`)
    return this
  }

  #begin(): void {
    this.#nodes += 1
    const drift = this.#random.between(-500, 500)
    const node = this.#network.node(`node${this.#nodes}`, { drift })
    const { name, carrier, stores, clock } = node
    const { whenDirectoryDown = 'refuse' } = this.#options
    const claims = new Claims({ node: name, bus: carrier.control, stores, clock, whenDirectoryDown })
    this.#publishers.push({ node, claims })
  }

  #act(): void {
    const { faults } = this.#network
    const publisher = this.#one(this.#publishers)
    const { name } = publisher.node
    const kind = this.#random.next()
    if (kind < 0.45) void this.#claim(publisher, this.#one(this.#sids))
    else if (kind < 0.6) this.#release(publisher)
    else if (kind < 0.65) this.#later(faults.freeze(name), 20_000)
    else if (kind < 0.71) this.#later(faults.cutOff(name, this.#one(['both', 'in', 'out'])), 20_000)
    else if (kind < 0.79) this.#partition()
    else if (kind < 0.83) faults.killServer([name])
    else if (kind < 0.87) faults.freezeServer([name])
    else if (kind < 0.91) faults.elect()
    else if (kind < 0.93) this.#later(faults.stopServers(), 10_000)
    else if (kind < 0.95) this.#loseAnswers()
    else if (kind < 0.97) this.#readLate()
    else if (kind < 0.98) this.#kill(publisher)
    else if (kind < 0.99) faults.recreate()
    else if (this.#options.forgets === true) faults.forget(this.#int(1, 4))
  }

  async #claim({ node, claims }: Publisher, sid: string): Promise<void> {
    if (node.isFrozen) return
    const { clock } = this.#network
    const askedAt = clock.now()
    const abort = new AbortController()
    if (this.#random.next() < 0.3) clock.after(this.#random.between(0, 5_000), () => abort.abort())
    try {
      const claim = await claims.claim(sid, abort.signal)
      if (claim === undefined || node.isDead) return
      this.#checkGrowth({ sid, epoch: claim.epoch, askedAt, wonAt: clock.now(), claim })
      const makesWay = this.#random.next() < 0.5
      claim.makesWay = () => {
        if (makesWay) void claim.release()
        return makesWay
      }
    } catch (error) {
      if ((error as { code?: string }).code !== 'RTMP_ERR_DIRECTORY_DOWN') this.violations.push(String(error))
    }
  }

  #release({ node, claims }: Publisher): void {
    if (!node.isFrozen) for (const claim of claims.held) void claim.release()
  }

  #kill({ node }: Publisher): void {
    this.#network.faults.kill(node.name)
    this.#publishers.splice(
      this.#publishers.findIndex(each => each.node === node),
      1,
    )
    this.#begin()
  }

  #partition(): void {
    const side = this.#publishers.filter(() => this.#random.next() < 0.5).map(({ node }) => node.name)
    const heal = this.#network.faults.partition(side, {
      ways: this.#one(['both', 'in', 'out']),
      directory: this.#one(['both', 'here', 'there']),
      noticedAfter: this.#one([0, 2_000, Infinity]),
    })
    this.#later(heal, 20_000)
  }

  #loseAnswers(): void {
    this.#network.faults.loseAnswers(this.#random.next())
    this.#later(() => this.#network.faults.loseAnswers(0), 10_000)
  }

  #readLate(): void {
    this.#network.faults.readLate(this.#random.between(0, 500))
    this.#later(() => this.#network.faults.readLate(0), 10_000)
  }

  #later(heal: () => void, longest: number): void {
    this.#heals.add(heal)
    this.#network.clock.after(this.#random.between(0, longest), () => {
      this.#heals.delete(heal)
      heal()
    })
  }

  /** One un-fenced owner per epoch. */
  #checkEpochs(): void {
    if (this.#options.forgets === true) return
    for (const sid of this.#sids) {
      const epochs = this.#holders(sid).map(({ epoch }) => epoch)
      if (new Set(epochs).size < epochs.length) this.violations.push(`two owners in one epoch: ${epochs.join(', ')}`)
    }
  }

  /** Who has asked after somebody else had got the name has a greater epoch. */
  #checkGrowth(win: Win): void {
    const { forgets, whenDirectoryDown } = this.#options
    if (forgets !== true && whenDirectoryDown !== 'local') {
      for (const { sid, epoch, wonAt } of this.wins) {
        if (sid === win.sid && wonAt <= win.askedAt && epoch >= win.epoch)
          this.violations.push(`epoch ${win.epoch} was given out after ${epoch}`)
      }
    }
    this.wins.push(win)
  }

  /** Some time after all is mended there is one owner of each name at most. */
  #checkOwners(): void {
    for (const sid of this.#sids) {
      const holders = this.#holders(sid)
      if (holders.length > 1)
        this.violations.push(`${holders.length} owners: ${holders.map(({ epoch }) => epoch).join(', ')}`)
    }
  }

  #holders(sid: string): HeldClaim[] {
    return this.#publishers.flatMap(({ claims }) => claims.held.filter(each => each.sid === sid))
  }

  #int(least: number, most: number): number {
    return Math.floor(this.#random.between(least, most + 1))
  }

  #one<T>(of: readonly T[]): T {
    return of[this.#int(0, of.length - 1)]!
  }
}
