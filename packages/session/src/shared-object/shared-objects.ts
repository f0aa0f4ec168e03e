import { LimitError, UsageError } from '@rtmpipe/chunk-stream'
import { defaultSessionLimits } from '../contract/limits.ts'
import { withLimits } from '../contract/with-limits.ts'
import type { Logger } from '../contract/logger.ts'
import { silentLogger } from '../contract/logger.ts'
import { streamKey } from '../protocol/stream-key.ts'
import { inTime } from '../peer/in-time.ts'
import { Tally } from '../peer/tally.ts'
import { ByteBudget } from './byte-budget.ts'
import { defaultSharedObjectLimits, type SharedObjectLimits } from './limits.ts'
import { MemorySharedObjectStore } from './store/memory-store.ts'
import { sharedObjectNameError } from './check-name.ts'
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
  readonly #closeTimeout: number
  readonly #budget: ByteBudget
  readonly #entries = new Map<string, Entry>()
  readonly #perApp = new Tally()

  /** @param closeTimeout milliseconds that {@link SharedObjects.close} waits for the store */
  constructor(
    options: SharedObjectsOptions = {},
    log: Logger = silentLogger,
    closeTimeout: number = defaultSessionLimits.closeTimeout,
  ) {
    this.limits = withLimits(defaultSharedObjectLimits, options.limits, 'sharedObjects.limits')
    this.#store = options.store ?? new MemorySharedObjectStore()
    this.#saveDelay = options.saveDelay ?? 1_000
    this.#log = log
    this.#closeTimeout = closeTimeout
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
   * @throws LimitError `RTMP_ERR_SHARED_OBJECT_LIMIT` also when what is kept does not fit into the limits,
   *   SharedObjectStoreError when it can not be loaded or read, and LimitError or ProtocolError for its name; what is
   *   kept stays as it is
   */
  async open(app: string, name: string, options: { readonly persistent?: boolean } = {}): Promise<SharedObject> {
    const nameError = sharedObjectNameError(name, this.limits.maxNameLength)
    if (nameError !== undefined) throw nameError
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

  /**
   * Saves what has changed and forgets everything. What the store has not taken when `closeTimeout` is over is logged,
   * and is lost if the store does not take it after all.
   */
  async close(): Promise<void> {
    await Promise.all([...this.#entries.values()].map(entry => this.#saved(entry)))
    for (const entry of this.#entries.values()) this.#forget(entry)
  }

  /** Resolves when the object is saved, that has failed, or it is too late. */
  async #saved({ object, loaded, saver }: Entry): Promise<void> {
    const saved = loaded.then(
      () => saver?.flush(),
      () => {},
    )
    try {
      await inTime(saved, this.#closeTimeout)
    } catch (error) {
      this.#failed(object, 'may not be saved', error)
    }
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
   * Rejects when there is no knowing what the object is, or no room for it: to begin empty would overwrite what is kept.
   * Nobody can use the object then, and the next one who wants it tries again.
   */
  async #load(entry: Entry): Promise<void> {
    const { app, name } = entry.object
    try {
      const bytes = await this.#store.load(app, name)
      if (this.#entries.get(streamKey({ app, streamName: name })) !== entry) throw new Error('the server has closed')
      if (bytes !== undefined) entry.object.restore(parseStored(bytes, name))
    } catch (error) {
      this.#forget(entry)
      throw this.#failed(entry.object, 'can not be loaded, and what is kept stays as it is', error)
    }
    entry.isLoaded = true
  }

  #saverOf(object: SharedObject): Saver {
    const { app, name } = object
    const save = (): Promise<void> =>
      object.data.size === 0 ? this.#store.delete(app, name) : this.#store.save(app, name, object.stored())
    return new Saver(save, this.#saveDelay, error => void this.#failed(object, 'can not be saved', error))
  }

  /** Logs what failed. @returns what is thrown: crossed limits as they are, so that their code tells what to raise */
  #failed({ app, name }: SharedObject, what: string, cause: unknown): SharedObjectStoreError | LimitError {
    const reason = cause instanceof Error ? cause.message : String(cause)
    const text = `shared object ${name} ${what}: ${reason}`
    const isLimit = cause instanceof LimitError
    const error = isLimit ? new LimitError(cause.code, text, { cause }) : new SharedObjectStoreError(text, { cause })
    this.#log.error({ app, sharedObject: name, code: error.code, err: cause }, error.message)
    return error
  }

  #forget({ object, saver }: Entry): void {
    const key = streamKey({ app: object.app, streamName: object.name })
    if (this.#entries.get(key)?.object !== object) return
    this.#entries.delete(key)
    // It is about to be emptied, which must not be saved.
    saver?.stop()
    this.#perApp.delete(object.app)
    object.forget()
  }
}
