import type { Clock } from '@rtmpipe/cluster-nats'
import type { Publish } from './encoder.ts'
import type { Invariant, Tally } from './tally.ts'
import type { Watch } from './watch.ts'

/** Milliseconds by which what is handed on may be late, and what the way between two regions and back adds. */
const maxAge = 3_000
const hop = 200
/** Milliseconds without a viewer after which nothing is sent to a region; the rest is for drift, and what is on its way. */
export const unwatchedTime = 15_000 + 1_000
/** Milliseconds after which a viewer has pictures again, counted from when nothing stands in their way any more. */
export const resumeBound = 8_000
/** The same when an announcement may have been missed: then a name is asked for every 10 s, a quarter more or less. */
export const missedBound = 14_500
/** Milliseconds until of two owners one has heard of the other, by its look into the directory. */
export const fenceTime = 36_000
/** Milliseconds of which all is well after which a schedule may be over. */
export const calmTime = 2_000
/** Bytes: of what a viewer who stood still reads at once, and of what a connection was given that the server has not seen. */
export const maxUnread: number = 14 * 1024 * 1024
export const maxUnseen: number = 17 * 1024 * 1024
/** Bytes from which on it counts that something waits. */
export const muchBytes: number = 1024 * 1024

/** Sees all that happens, and says what must not. */
export class Judge {
  /** Streams with whoever publishes them. */
  readonly publishes = new Map<number, Set<Publish>>()
  /** Since when nothing stands in the way of media; Infinity while something does. */
  quietSince = 0
  readonly #clock: Clock
  readonly #tally: Tally
  readonly #schedule: { readonly seed: number; readonly number: number }
  readonly #trace: (text: () => string) => void
  readonly #tried = new Set<Invariant>()
  /** Of each epoch that somebody may still get frames of, where it was published. */
  readonly #epochs = new Map<string, Publish>()
  /** Viewers of whom it has been said. */
  readonly #late = new WeakSet<Watch>()

  constructor(
    clock: Clock,
    tally: Tally,
    schedule: { readonly seed: number; readonly number: number },
    trace: (text: () => string) => void,
  ) {
    this.#clock = clock
    this.#tally = tally
    this.#schedule = { seed: schedule.seed, number: schedule.number }
    this.#trace = trace
  }

  violate(invariant: Invariant, text: string): void {
    const line = `${(this.#clock.now() / 1000).toFixed(3)} s: ${text}`
    this.#trace(() => `VIOLATION (${invariant}) ${text}`)
    // One of a kind is enough to look at.
    if (this.#tally.violations.some(each => each.invariant === invariant)) return
    this.#tally.violations.push({ ...this.#schedule, invariant, text: line })
  }

  /** There was something to check. */
  tries(invariant: Invariant): void {
    this.#tried.add(invariant)
  }

  failed(error: unknown): void {
    this.violate('end', `${error instanceof Error ? error.stack : String(error)}`)
  }

  began(publish: Publish): void {
    const { stream, node, claim } = publish
    const owners = this.publishes.get(stream) ?? new Set()
    this.publishes.set(stream, owners)
    this.tries('owner')
    for (const other of owners) {
      if (!other.node.memory.isDead && other.claim.epoch === claim.epoch)
        this.violate('owner', `${node.name} and ${other.node.name} have the name of epoch ${claim.epoch}`)
    }
    owners.add(publish)
    this.#epochs.set(`${stream}.${claim.epoch}`, publish)
  }

  ended(publish: Publish): void {
    const { node, stream } = publish
    this.publishes.get(stream)?.delete(publish)
    const watch = node.watches.get(stream)
    if (watch !== undefined) watch.ownUntil = this.#clock.now()
  }

  /** Those of a stream whose process is alive. */
  ownersOf(stream: number): Publish[] {
    return [...(this.publishes.get(stream) ?? [])].filter(({ node }) => !node.memory.isDead)
  }

  /** The only one; undefined when there is none, or more than one. */
  ownerOf(stream: number): Publish | undefined {
    let only: Publish | undefined
    for (const publish of this.publishes.get(stream) ?? []) {
      if (publish.node.memory.isDead) continue
      if (only !== undefined) return undefined
      only = publish
    }
    return only
  }

  followed(watch: Watch, before: number, epoch: number): void {
    this.tries('epoch')
    if (epoch < before) this.violate('epoch', `${watch.node.name} follows epoch ${epoch} after ${before}`)
  }

  /** @param burst bytes that it has got in this instant */
  got(watch: Watch, timestamp: number, epoch: number, burst: number): void {
    const age = this.#clock.now() - timestamp
    this.tries('age')
    // A reader who stands still has one message in his hands.
    const isReading = this.#clock.now() > watch.readsLateUntil
    if (isReading && age > maxAge + hop && timestamp < this.#oldest(watch.stream, epoch))
      this.violate('age', `${watch.node.name} gets a frame that is ${Math.round(age)} ms old`)
    if (burst > muchBytes) this.tries('memory')
    if (burst > maxUnread) this.violate('memory', `${burst} bytes have waited for a viewer on ${watch.node.name}`)
  }

  /** Time of the first picture that a late one may begin with, when its snapshot is as old as anything may be. */
  #oldest(stream: number, epoch: number): number {
    const keyTimes = this.#publishOf(stream, epoch)?.keyTimes ?? []
    const snapshotAt = this.#clock.now() - maxAge - hop
    return keyTimes.findLast(time => time <= snapshotAt) ?? keyTimes[0] ?? Infinity
  }

  /** A claim may have got another number since it began. */
  #publishOf(stream: number, epoch: number): Publish | undefined {
    const key = `${stream}.${epoch}`
    const known = this.#epochs.get(key)
    if (known !== undefined) return known
    const renumbered = [...this.#epochs.values()].find(each => each.stream === stream && each.claim.epoch === epoch)
    if (renumbered !== undefined) this.#epochs.set(key, renumbered)
    return renumbered
  }

  /** Looks whether a viewer who should have pictures has. */
  look(watch: Watch, regular: number): void {
    const { node, stream, since, lastAt, ownUntil } = watch
    const owner = this.ownerOf(stream)
    if (owner === undefined || owner.node === node) return
    if (
      node.memory.isFrozen ||
      node.isSlow ||
      watch.readsLateUntil + missedBound > this.#clock.now() ||
      owner.node.memory.isFrozen
    )
      return
    const now = this.#clock.now()
    const clearSince = Math.max(this.quietSince, owner.since, since, ownUntil)
    // What began while something stood in the way may have been announced in vain.
    const isUnheard = owner.since < this.quietSince && watch.epoch !== owner.claim.epoch
    const bound = !isUnheard && lastAt !== 0 && lastAt > clearSince - 1_000 ? resumeBound : missedBound
    if (!(now - clearSince > bound)) return
    this.tries('resume')
    if (now - lastAt <= 3 * regular + 1_000 || this.#late.has(watch)) return
    this.#late.add(watch)
    const seen = lastAt === 0 ? 'ever' : `for ${Math.round(now - lastAt)} ms`
    this.violate(
      'resume',
      `${node.name} has had no frame of stream ${stream} ${seen}, which ${owner.node.name} publishes`,
    )
  }

  /** Whether one who watches has pictures of the only one who publishes them, since nothing stands in their way. */
  isServed({ node, stream, lastAt }: Watch, regular: number): boolean {
    const owner = this.ownerOf(stream)
    if (owner === undefined) return false
    if (owner.node === node) return true
    const isFresh = this.#clock.now() - lastAt <= 3 * regular + 1_000
    if (!isFresh || lastAt < Math.max(this.quietSince, owner.since)) return false
    this.tries('resume')
    return true
  }

  /** The schedule is over. */
  close(): void {
    for (const invariant of this.#tried) this.#tally.tried[invariant] = (this.#tally.tried[invariant] ?? 0) + 1
  }
}
