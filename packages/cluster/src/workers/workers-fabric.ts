import { type StreamKey, streamKey, type StreamView } from '@rtmpipe/session'
import type { Claim, JoinedStream } from '../fabric.ts'
import { Latest } from '../latest.ts'
import type { LocalFabric, NameState } from '../layered/local-fabric.ts'
import { type JoinedMessages, joinMessages } from './joined-messages.ts'
import type { PrimaryMessage, WorkerLine, WorkerRequest } from './messages.ts'
import { StreamServer } from './stream-server.ts'

type OwnerMessage = Extract<PrimaryMessage, { type: 'owner' }>
type Owners = Latest<OwnerMessage>

/** Before a stream that failed while it is still published is joined again. Milliseconds. */
const rejoinPause = 100

/**
 * The streams of a machine's worker processes: the process that started them knows who publishes what, and streams go
 * from worker to worker over Unix sockets.
 */
export class WorkersFabric implements LocalFabric {
  readonly #line: WorkerLine<WorkerRequest, PrimaryMessage>
  readonly #server: StreamServer
  /** Claims asked for, by request. */
  readonly #asked = new Map<number, (epoch: number) => void>()
  /** Claims held, by epoch. */
  readonly #held = new Map<number, Claim>()
  /** Whether the publish of an offered claim makes way, by epoch. */
  readonly #makeWay = new Map<number, () => boolean>()
  readonly #watched = new Map<string, Set<Owners>>()
  #requests = 0
  #isDisposed = false

  private constructor(line: WorkerLine<WorkerRequest, PrimaryMessage>, server: StreamServer) {
    this.#line = line
    this.#server = server
    line.onMessage(message => this.#handle(message))
  }

  /**
   * @param line to the process with the {@link Directory}
   * @param path of the Unix socket to hand out streams on, the same as the directory knows; nobody else may reach its
   *   folder
   * @throws UsageError when the path is too long for a Unix socket, the system's error when it can't listen there
   */
  static async open(line: WorkerLine<WorkerRequest, PrimaryMessage>, path: string): Promise<WorkersFabric> {
    return new WorkersFabric(line, await StreamServer.listen(path))
  }

  async claim(key: StreamKey): Promise<Claim | undefined> {
    const text = streamKey(key)
    const request = ++this.#requests
    const epoch = await new Promise<number>(resolve => {
      this.#asked.set(request, resolve)
      this.#line.send({ type: 'claim', key: text, request })
    })
    if (epoch === 0) return undefined
    if (this.#isDisposed) {
      this.#line.send({ type: 'release', key: text, epoch })
      return undefined
    }
    const release = async () => {
      if (!this.#held.delete(epoch)) return
      this.#makeWay.delete(epoch)
      this.#server.withdraw(epoch)
      this.#line.send({ type: 'release', key: text, epoch })
    }
    // The directory takes no claim away, so none is ever lost.
    const claim: Claim = { key, epoch, lost: new AbortController().signal, release }
    this.#held.set(epoch, claim)
    return claim
  }

  offer({ key, epoch }: Claim, stream: StreamView, makesWay: () => boolean = () => false): void {
    if (!this.#held.has(epoch)) return
    this.#makeWay.set(epoch, makesWay)
    this.#server.offer(epoch, stream)
    this.#line.send({ type: 'offer', key: streamKey(key), epoch })
  }

  async *join(key: StreamKey, { signal }: { readonly signal: AbortSignal }): AsyncIterable<JoinedStream> {
    if (this.#isDisposed) return
    const owners: Owners = new Latest(signal)
    this.#watch(streamKey(key), owners)
    try {
      for await (const owner of owners) {
        const messages = await joined(owner, owners)
        if (messages !== undefined) yield { epoch: owner.epoch, messages }
      }
    } finally {
      this.#unwatch(streamKey(key), owners)
    }
  }

  /** Whether another worker publishes a name at the moment. */
  async isElsewhere(key: StreamKey): Promise<boolean> {
    for await (const state of this.owners(key, { signal: new AbortController().signal })) return state === 'elsewhere'
    return false
  }

  async *owners(key: StreamKey, { signal }: { readonly signal: AbortSignal }): AsyncIterable<NameState> {
    if (this.#isDisposed) return
    const owners: Owners = new Latest(signal)
    this.#watch(streamKey(key), owners)
    try {
      for await (const { epoch, path } of owners)
        yield epoch === 0 ? 'free' : path === undefined ? 'claimed' : 'elsewhere'
    } finally {
      this.#unwatch(streamKey(key), owners)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true
    for (const watching of this.#watched.values()) for (const owners of watching) owners.end()
    await Promise.all([...this.#held.values()].map(claim => claim.release()))
    await this.#server[Symbol.asyncDispose]()
  }

  #handle(message: PrimaryMessage): void {
    if (message.type === 'claimed') {
      this.#asked.get(message.request)?.(message.epoch)
      this.#asked.delete(message.request)
    } else if (message.type === 'wanted') {
      const { key, epoch } = message
      // A claim that is not held any more has been released, which is on its way.
      if (this.#makeWay.get(epoch)?.() === false) this.#line.send({ type: 'kept', key, epoch })
    } else {
      for (const owners of this.#watched.get(message.key) ?? []) {
        // Whoever begins to watch is told; the others know.
        if (owners.newest?.epoch !== message.epoch || owners.newest.path !== message.path) owners.set(message)
      }
    }
  }

  #watch(key: string, owners: Owners): void {
    const watching = this.#watched.get(key) ?? new Set()
    this.#watched.set(key, watching.add(owners))
    this.#line.send({ type: 'watch', key })
  }

  #unwatch(key: string, owners: Owners): void {
    const watching = this.#watched.get(key)
    watching?.delete(owners)
    if (watching?.size !== 0) return
    this.#watched.delete(key)
    this.#line.send({ type: 'unwatch', key })
  }
}

/** What an owner publishes; undefined when there is none, or it can't be joined at the moment. */
async function joined(owner: OwnerMessage, owners: Owners): Promise<JoinedMessages | undefined> {
  if (owner.path === undefined) return undefined
  const joinAgain = () => void setTimeout(() => owners.again(owner), rejoinPause).unref()
  try {
    const messages = await joinMessages(owner.path, owner.epoch, owners.signal)
    if (messages.destroyed) throw messages.errored
    return messages.once('error', joinAgain)
  } catch {
    // It may just have gone, and the directory not have told us yet.
    joinAgain()
    return undefined
  }
}
