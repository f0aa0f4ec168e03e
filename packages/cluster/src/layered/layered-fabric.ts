import { type Logger, type StreamKey, streamKey, type StreamView } from '@rtmpipe/session'
import { closed } from '../closed.ts'
import type { Exchange } from '../exchange.ts'
import type { Claim, Fabric, JoinedStream } from '../fabric.ts'
import { subscribeToJoin } from '../subscribe-to-join.ts'
import { Handover } from './handover.ts'
import { Lead } from './lead.ts'
import type { LocalFabric, NameState } from './local-fabric.ts'

/** For a worker that has claimed a name here to get it from the other machines, or not. Milliseconds. */
const claimPatience = 2_000

interface Claims {
  readonly local: Claim
  readonly remote: Claim
}

/**
 * The streams of many machines, each with several workers: a name is claimed here first, then everywhere. A stream comes
 * to a machine once, by the worker that leads, and to the other workers inside of it.
 */
export class LayeredFabric implements Fabric {
  readonly #local: LocalFabric
  readonly #remote: Fabric
  readonly #claims = new WeakMap<Claim, Claims>()
  readonly #leads = new Map<string, Promise<Lead | undefined>>()
  /** Ends of what is joined: signals that depend on one of the whole process would leave something in it for ever. */
  readonly #joins = new Set<AbortController>()
  #isDisposed = false

  /**
   * @param local between the workers of this machine
   * @param remote of this worker, to the other machines
   */
  constructor(local: LocalFabric, remote: Fabric) {
    this.#local = local
    this.#remote = remote
  }

  get claimTimeout(): number {
    return Math.max(this.#local.claimTimeout ?? 0, this.#remote.claimTimeout ?? 0)
  }

  get exchange(): Exchange | undefined {
    return this.#remote.exchange
  }

  logTo(log: Logger): void {
    this.#remote.logTo?.(log)
  }

  async claim(key: StreamKey, how?: { readonly signal?: AbortSignal }): Promise<Claim | undefined> {
    const local = await this.#local.claim(published(key), how)
    if (local === undefined) return undefined
    try {
      const remote = await this.#remote.claim(key, how)
      if (remote !== undefined) return this.#claimOf(key, { local, remote })
    } catch (error) {
      await local.release()
      throw error
    }
    await local.release()
    return undefined
  }

  offer(claim: Claim, stream: StreamView, makesWay?: () => boolean): void {
    const claims = this.#claims.get(claim)
    if (claims === undefined) return
    this.#local.offer(claims.local, stream, makesWay)
    this.#remote.offer(claims.remote, stream, makesWay)
  }

  async *join(key: StreamKey, how: { readonly signal: AbortSignal }): AsyncIterable<JoinedStream> {
    if (this.#isDisposed || how.signal.aborted) return
    const end = new AbortController()
    const { signal } = end
    const abort = (): void => end.abort()
    how.signal.addEventListener('abort', abort, { once: true })
    this.#joins.add(end)
    const handover = new Handover<JoinedStream>(signal)
    for (const source of [
      give(this.#local.join(published(key), { signal }), handover),
      give(this.#local.join(fetched(key), { signal }), handover),
      this.#fetch(key, handover, signal),
    ])
      source.catch(error => handover.fail(error))
    try {
      yield* handover
    } finally {
      how.signal.removeEventListener('abort', abort)
      this.#joins.delete(end)
      end.abort()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true
    for (const end of this.#joins) end.abort()
    const leads = await Promise.all(this.#leads.values())
    for (const lead of leads) lead?.end()
    await this.#remote[Symbol.asyncDispose]()
    await this.#local[Symbol.asyncDispose]()
  }

  #claimOf(key: StreamKey, claims: Claims): Claim {
    const { local, remote } = claims
    const release = async (): Promise<void> => {
      // Whoever gets it here next finds it free everywhere.
      await remote.release()
      await local.release()
    }
    // That of this machine: each stream that is joined here has one too.
    const claim: Claim = { key, epoch: local.epoch, lost: remote.lost, release }
    this.#claims.set(claim, claims)
    return claim
  }

  /** Leads where no other worker does, and gives what comes to who joins here. */
  async #fetch(key: StreamKey, handover: Handover<JoinedStream>, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const lead = await this.#leadOf(key)
      if (lead === undefined) await this.#until(fetched(key), ['free'], signal)
      else {
        lead.enter()
        try {
          await giveLive(lead, handover, signal)
          await unless(signal, lead.over)
        } finally {
          lead.leave()
        }
      }
    }
  }

  /** That of this worker; undefined when another has it. */
  #leadOf(key: StreamKey): Promise<Lead | undefined> {
    const name = streamKey(key)
    const known = this.#leads.get(name)
    if (known !== undefined) return known
    const lead = this.#lead(key)
    this.#leads.set(name, lead)
    const forget = () => void this.#leads.delete(name)
    void lead.then(made => (made === undefined ? forget() : made.over.finally(forget).catch(() => {})), forget)
    return lead
  }

  async #lead(key: StreamKey): Promise<Lead | undefined> {
    const claim = await this.#local.claim(fetched(key))
    if (claim === undefined) return undefined
    return new Lead({
      key,
      claim,
      local: this.#local,
      remote: this.#remote,
      isPublishedHere: signal => this.#isPublishedHere(key, signal),
    })
  }

  async #isPublishedHere(key: StreamKey, signal: AbortSignal): Promise<boolean> {
    const patience = AbortSignal.any([signal, AbortSignal.timeout(claimPatience)])
    return (await this.#until(published(key), ['free', 'elsewhere'], patience)) === 'elsewhere'
  }

  /** @returns undefined when it is aborted before */
  async #until(key: StreamKey, states: readonly NameState[], signal: AbortSignal): Promise<NameState | undefined> {
    for await (const state of this.#local.owners(key, { signal })) if (states.includes(state)) return state
    return undefined
  }
}

/** What is published at a worker of this machine: no name of a client's is one of ours. */
function published({ app, streamName }: StreamKey): StreamKey {
  return { app, streamName: `=${streamName}` }
}

/** What comes from another machine. */
function fetched({ app, streamName }: StreamKey): StreamKey {
  return { app, streamName: `>${streamName}` }
}

async function give(streams: AsyncIterable<JoinedStream>, handover: Handover<JoinedStream>): Promise<void> {
  for await (const stream of streams) {
    stream.messages.on('error', () => {})
    if (!(await handover.give(stream))) stream.messages.destroy()
  }
}

/** Again when it fails while the publish goes on, as when a reader lags. */
async function giveLive(lead: Lead, handover: Handover<JoinedStream>, signal: AbortSignal): Promise<void> {
  const stream = await unless(signal, lead.stream)
  while (stream?.isPublishing && !signal.aborted) {
    const messages = subscribeToJoin(stream)
    messages.on('error', () => {})
    if (!(await handover.give({ epoch: lead.epoch, messages }))) messages.destroy()
    await closed(messages)
    if (messages.errored === null) return
  }
}

/** @returns undefined when it is aborted before */
function unless<T>(signal: AbortSignal, promise: Promise<T>): Promise<T | undefined> {
  if (signal.aborted) return Promise.resolve(undefined)
  return new Promise((resolve, reject) => {
    const end = (): void => resolve(undefined)
    signal.addEventListener('abort', end, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', end))
  })
}
