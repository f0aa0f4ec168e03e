import { LimitError, UsageError } from '@rtmpipe/chunk-stream'
import type { Logger } from '../contract/logger.ts'
import { silentLogger } from '../contract/logger.ts'
import { streamKey } from '../protocol/stream-key.ts'
import { Tally } from '../peer/tally.ts'
import { ByteBudget } from './byte-budget.ts'
import { defaultSharedObjectLimits, type SharedObjectLimits } from './limits.ts'
import { MemorySharedObjectStore } from './store/memory-store.ts'
import { checkSharedObjectName } from './check-name.ts'
import { parseStored } from './stored.ts'
import { Saver } from './saver.ts'
import { SharedObject } from './shared-object.ts'
import { type SharedObjectStore, SharedObjectStoreError } from './store/store.ts'

/** Where shared objects are kept, and what they may cost. */
export interface SharedObjectsOptions {
  /** Where persistent objects are kept; default a {@link MemorySharedObjectStore}. */
  readonly store?: SharedObjectStore
  /** Milliseconds from a change of a persistent object to its saving. Default 1,000. */
  readonly saveDelay?: number
  /** Limits that differ from the defaults. */
  readonly limits?: Partial<SharedObjectLimits>
}

interface Entry {
  readonly object: SharedObject
  readonly loaded: Promise<void>
  readonly saver: Saver | undefined
  isLoaded: boolean
  /** Number of clients, and of `open()` calls on the server. */
  users: number
}

/**
 * The shared objects of one server by application and name. A temporary one lives while somebody uses it; a persistent
 * one is loaded for its first user and saved after changes, after its last user, and when the server closes.
 */
export class SharedObjects implements Iterable<SharedObject> {
  /** What they may cost. */
  readonly limits: SharedObjectLimits
  readonly #store: SharedObjectStore
  readonly #saveDelay: number
  readonly #log: Logger
  readonly #budget: ByteBudget
  readonly #entries = new Map<string, Entry>()
  readonly #perApp = new Tally()

  constructor(options: SharedObjectsOptions = {}, log: Logger = silentLogger) {
    this.limits = { ...defaultSharedObjectLimits, ...options.limits }
    this.#store = options.store ?? new MemorySharedObjectStore()
    this.#saveDelay = options.saveDelay ?? 1_000
    this.#log = log
    this.#budget = new ByteBudget(this.limits.maxTotalBytes)
  }

  /** The object of that name if it is in memory: used by somebody, or opened. */
  get(app: string, name: string): SharedObject | undefined {
    const entry = this.#entries.get(streamKey({ app, streamName: name }))
    return entry?.isLoaded === true ? entry.object : undefined
  }

  /**
   * The object of that name, made or loaded if necessary. It stays until it is released as often as it was opened.
   *
   * @throws UsageError `RTMP_ERR_SHARED_OBJECT_PERSISTENCE` when it exists and is not as persistent as it should be
   * @throws LimitError `RTMP_ERR_SHARED_OBJECT_LIMIT`, SharedObjectStoreError, and LimitError or ProtocolError for its
   *   name
   */
  async open(app: string, name: string, options: { readonly persistent?: boolean } = {}): Promise<SharedObject> {
    checkSharedObjectName(name, this.limits.maxNameLength)
    const persistent = options.persistent ?? false
    const entry = this.#entries.get(streamKey({ app, streamName: name })) ?? this.#create(app, name, persistent)
    if (entry.object.persistent !== persistent) {
      const kind = persistent ? 'temporary' : 'persistent'
      throw new UsageError('RTMP_ERR_SHARED_OBJECT_PERSISTENCE', `shared object ${name} exists, and is ${kind}`)
    }
    entry.users += 1
    await entry.loaded
    return entry.object
  }

  /** Ends one {@link SharedObjects.open}. */
  release(object: SharedObject): void {
    const entry = this.#entries.get(streamKey({ app: object.app, streamName: object.name }))
    if (entry?.object !== object || entry.users === 0) return
    entry.users -= 1
    if (entry.users > 0) return
    if (entry.saver === undefined) this.#forget(entry)
    else void entry.saver.flush().then(() => entry.users === 0 && this.#forget(entry))
  }

  /** Objects in memory. */
  get size(): number {
    return this.#entries.size
  }

  /** The objects in memory. */
  *[Symbol.iterator](): Iterator<SharedObject> {
    for (const { object, isLoaded } of this.#entries.values()) if (isLoaded) yield object
  }

  /** Saves what has changed and forgets everything. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.#entries.values()].map(({ loaded }) => loaded))
    const entries = [...this.#entries.values()]
    await Promise.all(entries.map(async ({ saver }) => saver?.flush()))
    for (const entry of entries) this.#forget(entry)
  }

  #create(app: string, name: string, persistent: boolean): Entry {
    const { maxObjectsPerApp } = this.limits
    if (this.#perApp.count(app) >= maxObjectsPerApp) {
      throw new LimitError('RTMP_ERR_SHARED_OBJECT_LIMIT', `there are ${maxObjectsPerApp} shared objects in ${app}`)
    }
    const { limits } = this
    const object = new SharedObject(app, name, persistent, { limits, budget: this.#budget, log: this.#log })
    const saver = persistent ? this.#saverOf(object) : undefined
    // Loading begins one tick later, so that a store that answers at once still finds the entry.
    const loaded = persistent ? Promise.resolve().then(() => this.#load(entry)) : Promise.resolve()
    const entry: Entry = { object, loaded, saver, isLoaded: !persistent, users: 0 }
    this.#entries.set(streamKey({ app, streamName: name }), entry)
    this.#perApp.add(app)
    if (saver !== undefined) object.on('change', () => saver.schedule())
    return entry
  }

  /**
   * Rejects when the store fails: to begin empty would overwrite its data. Data that is not the state of an object is
   * overwritten.
   */
  async #load(entry: Entry): Promise<void> {
    const { app, name } = entry.object
    let bytes: Uint8Array | undefined
    try {
      bytes = await this.#store.load(app, name)
    } catch (error) {
      this.#forget(entry)
      throw this.#failed(entry.object, 'can not be loaded', error)
    }
    try {
      if (bytes !== undefined) entry.object.restore(parseStored(bytes, name))
    } catch (error) {
      this.#failed(entry.object, 'was kept in a form that is none, and begins empty', error)
    }
    entry.isLoaded = true
  }

  #saverOf(object: SharedObject): Saver {
    const { app, name } = object
    const save = (): Promise<void> =>
      object.data.size === 0 ? this.#store.delete(app, name) : this.#store.save(app, name, object.stored())
    return new Saver(save, this.#saveDelay, error => void this.#failed(object, 'can not be saved', error))
  }

  #failed({ app, name }: SharedObject, what: string, cause: unknown): SharedObjectStoreError {
    const reason = cause instanceof Error ? cause.message : String(cause)
    const error = new SharedObjectStoreError(`shared object ${name} ${what}: ${reason}`, { cause })
    this.#log.error({ app, sharedObject: name, code: error.code, err: cause }, error.message)
    return error
  }

  #forget({ object }: Entry): void {
    const key = streamKey({ app: object.app, streamName: object.name })
    if (this.#entries.get(key)?.object !== object) return
    this.#entries.delete(key)
    this.#perApp.delete(object.app)
    object.forget()
  }
}
