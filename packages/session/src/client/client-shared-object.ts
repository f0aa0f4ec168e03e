import type { AmfValue } from '@rtmpipe/amf'
import { type RtmpMessage, UsageError } from '@rtmpipe/chunk-stream'
import { EventEmitter } from 'node:events'
import { Batch } from '../shared-object/batch.ts'
import { sharedObjectMessage } from '../shared-object/encode-shared-object.ts'
import { defaultSharedObjectLimits, type SharedObjectLimits } from '../shared-object/limits.ts'
import { PropertyMap } from '../shared-object/property-map.ts'
import type { SharedObjectEvent, SharedObjectMessage } from '../protocol/shared-object-event.ts'

/** How a client uses a shared object. */
export interface ClientSharedObjectOptions {
  /** Kept by the server when nobody uses it; must be what it was made with. Default false. */
  readonly persistent?: boolean
  /** What the server may make us hold; crossing one ends the connection. Defaults as of a server. */
  readonly limits?: Partial<Pick<SharedObjectLimits, 'maxProperties' | 'maxObjectBytes'>>
}

/** One thing that a message of the server's has done to a shared object. */
export type SharedObjectSync =
  /** Everything was removed. */
  | { readonly code: 'clear' }
  /** Our own change was accepted, another's came, a property was removed. */
  | { readonly code: 'success' | 'change' | 'delete'; readonly key: string }

/** Events of a {@link ClientSharedObject}. */
export interface ClientSharedObjectEvents {
  /** After each message that has changed something, and for the first state: all it did, in order. */
  sync: [changes: readonly SharedObjectSync[]]
  /** A property has a new value; undefined when it is gone. */
  change: [key: string, value: AmfValue]
  /** Somebody, perhaps we, called `send`. */
  message: [handler: string, args: readonly AmfValue[]]
  /** The server refused a write, for example with `SharedObject.NoWriteAccess`. */
  status: [status: { readonly code: string; readonly level: string }]
  /** Nothing more will come; with the error if the connection failed. */
  close: [error?: Error]
}

/** Most unanswered writes that are remembered, since a server may never answer. */
const maxPending = 10_000
/** Most events in one message of ours; servers may refuse more. */
const maxEvents = 1_000

/**
 * A shared object in the client's role (RTMP 1.0 §7.1.3). `data` is the state that the server has told: our own change
 * appears in it when the server has accepted it.
 */
export class ClientSharedObject extends EventEmitter<ClientSharedObjectEvents> {
  /** Unique within the application. */
  readonly name: string
  /** Kept by the server when nobody uses it. */
  readonly persistent: boolean
  readonly #properties: PropertyMap
  readonly #send: (message: RtmpMessage) => void
  readonly #released: () => void
  /** Our changes that the server has not answered yet, oldest first. */
  readonly #pending: { readonly key: string; readonly value: AmfValue }[] = []
  #version = 0
  #isClosed = false

  /** @param released called when it is closed by us */
  constructor(
    name: string,
    { persistent = false, limits }: ClientSharedObjectOptions,
    send: (message: RtmpMessage) => void,
    released: () => void,
  ) {
    super()
    this.name = name
    this.persistent = persistent
    this.#properties = new PropertyMap({ ...defaultSharedObjectLimits, ...limits })
    this.#send = send
    this.#released = released
  }

  /** The properties. Each value that is read is a copy: change it with {@link ClientSharedObject.set}. */
  get data(): ReadonlyMap<string, AmfValue> {
    return this.#properties
  }

  /** Counts the server's batches of changes. */
  get version(): number {
    return this.#version
  }

  /** @throws AmfError for what AMF cannot carry, UsageError when it is closed */
  set(key: string, value: AmfValue): void {
    this.#ask({ type: 'RequestChange', key, value })
    this.#pending.push({ key, value })
    if (this.#pending.length > maxPending) this.#pending.shift()
  }

  /** @throws UsageError when it is closed */
  delete(key: string): void {
    this.#ask({ type: 'RequestRemove', key })
  }

  /** Removes every property that is in `data` now. @throws UsageError when it is closed */
  clear(): void {
    const events = [...this.#properties.keys()].map(key => ({ type: 'RequestRemove' as const, key }))
    for (let start = 0; start < events.length; start += maxEvents) this.#ask(...events.slice(start, start + maxEvents))
  }

  /**
   * Calls `handler` with `args` at all clients, this one too.
   *
   * @throws AmfError for what AMF cannot carry, UsageError when it is closed
   */
  send(handler: string, ...args: AmfValue[]): void {
    this.#ask({ type: 'SendMessage', handler, args })
  }

  /** Uses it no more. Idempotent. */
  close(): void {
    if (this.#isClosed) return
    this.#ask({ type: 'Release' })
    this.#released()
    this.closed()
  }

  /** Pending answers don't come any more: the connection is a new one. */
  forget(): void {
    this.#pending.length = 0
  }

  /** The connection has closed. */
  closed(error?: Error): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.emit('close', ...(error === undefined ? [] : [error]))
  }

  /** Acts on a message of the server's. @throws LimitError `RTMP_ERR_SHARED_OBJECT_LIMIT` */
  take({ version, events }: SharedObjectMessage): void {
    this.#version = version
    const changes: SharedObjectSync[] = []
    // A refusal comes with the real values of the properties: they answer what we asked for.
    const isRefusal = events.some(({ type }) => type === 'Status')
    if (isRefusal && events.length === 1) this.#pending.shift()
    for (const event of events) this.#act(event, isRefusal, changes)
    if (changes.length > 0 || events.some(({ type }) => type === 'UseSuccess')) this.emit('sync', changes)
  }

  #act(event: SharedObjectEvent, isRefusal: boolean, changes: SharedObjectSync[]): void {
    switch (event.type) {
      case 'Clear':
        this.#properties.clear()
        changes.push({ code: 'clear' })
        return
      case 'Change':
        for (const [key, value] of event.properties) {
          if (isRefusal) this.#settle(key)
          this.#put(key, value, 'change', changes)
        }
        return
      case 'Success': {
        const settled = this.#settle(event.key)
        if (settled !== undefined) this.#put(event.key, settled.value, 'success', changes)
        return
      }
      case 'Remove':
        if (isRefusal) this.#settle(event.key)
        return this.#remove(event.key, changes)
      case 'SendMessage':
        this.emit('message', event.handler, event.args)
        return
      case 'Status':
        this.emit('status', { code: event.code, level: event.level })
    }
  }

  #put(key: string, value: AmfValue, code: 'success' | 'change', changes: SharedObjectSync[]): void {
    const batch = new Batch(this.#properties)
    batch.add({ type: 'RequestChange', key, value })
    this.#properties.change(batch.changes)
    changes.push({ code, key })
    this.emit('change', key, value)
  }

  #remove(key: string, changes: SharedObjectSync[]): void {
    if (!this.#properties.has(key)) return
    this.#properties.change(new Map([[key, undefined]]))
    changes.push({ code: 'delete', key })
    this.emit('change', key, undefined)
  }

  /** The oldest of our changes of that property: the server answers in order. */
  #settle(key: string): { readonly value: AmfValue } | undefined {
    const index = this.#pending.findIndex(change => change.key === key)
    return index < 0 ? undefined : this.#pending.splice(index, 1)[0]
  }

  #ask(...events: SharedObjectEvent[]): void {
    if (this.#isClosed) throw new UsageError('RTMP_ERR_USAGE', `shared object ${this.name} is closed`)
    this.#send(sharedObjectMessage({ name: this.name, version: this.#version, persistent: this.persistent, events }))
  }
}
