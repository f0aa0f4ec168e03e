import type { AmfValue } from '@rtmpipe/amf'
import { UsageError } from '@rtmpipe/chunk-stream'
import { EventEmitter } from 'node:events'
import type { ConnectionInfo } from '../contract/connection-info.ts'
import type { Logger } from '../contract/logger.ts'
import { SharedObjectBroadcast } from './broadcast.ts'
import type { ByteBudget } from './byte-budget.ts'
import { encodeBody } from './encode-shared-object.ts'
import { type EncodedEvent, encodeEvent } from './event-data.ts'
import type { SharedObjectLimits } from './limits.ts'
import { PropertyMap } from './property-map.ts'
import {
  type SharedObjectMessage,
  SharedObjectEventType,
  type SharedObjectWrite,
} from '../protocol/shared-object-event.ts'
import { Batch } from './batch.ts'

/** A client that uses a shared object. */
export interface SharedObjectUser {
  readonly connection: ConnectionInfo
  /** Takes events of others. Must not throw and must not keep the others waiting. */
  deliver(broadcast: SharedObjectBroadcast): void
  /** Takes the answer to what it has asked for. */
  answer(broadcast: SharedObjectBroadcast): void
}

/** Changes made together, under one version. */
export interface SharedObjectChange {
  /** Counts the batches of changes. */
  readonly version: number
  /** True when everything was removed. */
  readonly cleared: boolean
  /** New values by key. */
  readonly changed: ReadonlyMap<string, AmfValue>
  /** Keys that are gone. */
  readonly removed: readonly string[]
  /** The connection that made the change; undefined for a change by the server. */
  readonly connection: ConnectionInfo | undefined
}

/** A message to all clients that use a shared object. */
export interface SharedObjectSent {
  /** Name of the method that is called at all clients that use the object. */
  readonly handler: string
  /** What it is called with. */
  readonly args: readonly AmfValue[]
  /** The connection that sent it; undefined for the server. */
  readonly connection: ConnectionInfo | undefined
}

/**
 * Events of a {@link SharedObject}. An error that a listener throws is logged, and the other listeners are called all
 * the same.
 */
export interface SharedObjectEvents {
  /** Properties have changed. */
  change: [change: SharedObjectChange]
  /** Somebody called `send`. */
  message: [message: SharedObjectSent]
  /** The object is no longer in memory. */
  close: []
}

/** What a shared object is made of. */
export interface SharedObjectParts {
  readonly limits: SharedObjectLimits
  readonly budget: ByteBudget
  readonly log: Logger
}

/**
 * A shared object in the server's role (RTMP 1.0 §7.1.3): properties that all its clients see, and messages to all of
 * them. The last write wins. Each batch of changes has a version of its own.
 */
export class SharedObject extends EventEmitter<SharedObjectEvents> {
  /** Application with its instance. */
  readonly app: string
  /** Unique within the application. */
  readonly name: string
  /** Kept when nobody uses it. */
  readonly persistent: boolean
  readonly #properties: PropertyMap
  readonly #users = new Set<SharedObjectUser>()
  readonly #log: Logger
  #version = 0
  #closed = false

  constructor(app: string, name: string, persistent: boolean, { limits, budget, log }: SharedObjectParts) {
    super()
    this.app = app
    this.name = name
    this.persistent = persistent
    this.#properties = new PropertyMap(limits, budget)
    this.#log = log
  }

  /** The properties. Each value that is read is a copy: change it with {@link SharedObject.set}. */
  get data(): ReadonlyMap<string, AmfValue> {
    return this.#properties
  }

  /** Counts the batches of changes. */
  get version(): number {
    return this.#version
  }

  /** Bytes of all keys and values. */
  get byteLength(): number {
    return this.#properties.byteLength
  }

  /** Clients that use it. */
  get userCount(): number {
    return this.#users.size
  }

  /** A copy of one property; undefined when there is none. */
  get(key: string): AmfValue {
    return this.#properties.get(key)
  }

  /**
   * @throws LimitError `RTMP_ERR_SHARED_OBJECT_LIMIT`, AmfError for what AMF cannot carry, UsageError when it is closed
   */
  set(key: string, value: AmfValue): void {
    this.apply([{ type: 'RequestChange', key, value }])
  }

  /** @throws UsageError when it is closed */
  delete(key: string): void {
    this.apply([{ type: 'RequestRemove', key }])
  }

  /** Removes every property. @throws UsageError when it is closed */
  clear(): void {
    this.#checkOpen()
    if (this.#properties.size === 0) return
    this.#properties.clear()
    this.#nextVersion()
    const broadcast = this.#broadcast([encodeEvent({ type: 'Clear' })])
    for (const user of this.#users) user.deliver(broadcast)
    const change = { version: this.#version, cleared: true, changed: new Map(), removed: [], connection: undefined }
    this.#tell('change', change)
  }

  /**
   * Calls `handler` with `args` at all clients. @throws AmfError for what AMF cannot carry, UsageError when it is
   * closed
   */
  send(handler: string, ...args: AmfValue[]): void {
    this.apply([{ type: 'SendMessage', handler, args }])
  }

  /**
   * Applies writes as one batch, all or nothing, and tells all clients: the writer gets the answers, the others the
   * changes.
   *
   * @internal
   * @param byteLength bytes the written values may take
   * @throws LimitError, AmfError, UsageError; nothing has changed then
   */
  apply(writes: readonly SharedObjectWrite[], by?: SharedObjectUser, byteLength?: number): void {
    this.#checkOpen()
    const batch = new Batch(this.#properties, byteLength)
    for (const write of writes) batch.add(write)
    this.#properties.change(batch.changes)
    if (batch.changes.size > 0) this.#nextVersion()
    const toOthers = batch.forOthers.length > 0 ? this.#broadcast(batch.forOthers) : undefined
    for (const user of this.#users) if (user !== by && toOthers !== undefined) user.deliver(toOthers)
    if (by !== undefined) by.answer(this.#broadcast(batch.forSender))
    const connection = by?.connection
    for (const { handler, args } of batch.sent) this.#tell('message', { handler, args, connection })
    if (batch.changes.size === 0) return
    const removed = [...batch.changes].filter(([, property]) => property === undefined).map(([key]) => key)
    this.#tell('change', { version: this.#version, cleared: false, changed: batch.values, removed, connection })
  }

  /** @internal From here on the user is told of changes. */
  attach(user: SharedObjectUser): void {
    this.#users.add(user)
  }

  /** @internal */
  detach(user: SharedObjectUser): void {
    this.#users.delete(user)
  }

  /** @internal Everything there is as events: Clear, then one Change unless it is empty. */
  state(): EncodedEvent[] {
    const clear = encodeEvent({ type: 'Clear' })
    if (this.#properties.size === 0) return [clear]
    return [clear, { eventType: SharedObjectEventType.Change, data: this.#properties.encoded() }]
  }

  /** @internal What one property is, as an event: Change, or Remove. */
  stateOf(key: string): EncodedEvent {
    const value = this.#properties.get(key)
    return encodeEvent(
      this.#properties.has(key) ? { type: 'Change', properties: [[key, value]] } : { type: 'Remove', key },
    )
  }

  /** @internal A body with these events and the present version. */
  body(events: readonly EncodedEvent[]): Buffer {
    return encodeBody(this.#header, events)
  }

  /** @internal The state as it is kept; see {@link SharedObject.restore}. */
  stored(): Buffer {
    return this.body(this.state())
  }

  /** @internal Takes over a state that was kept. @throws LimitError, AmfError */
  restore({ version, events }: SharedObjectMessage): void {
    const batch = new Batch(this.#properties)
    for (const event of events) {
      if (event.type !== 'Change') continue
      for (const [key, value] of event.properties) batch.add({ type: 'RequestChange', key, value })
    }
    this.#properties.change(batch.changes)
    this.#version = version
  }

  /** @internal Nobody uses it any more. */
  forget(): void {
    if (this.#closed) return
    this.#closed = true
    this.#properties.clear()
    this.#users.clear()
    this.#tell('close')
  }

  get #header(): Omit<SharedObjectMessage, 'events'> {
    return { name: this.name, version: this.#version, persistent: this.persistent }
  }

  #broadcast(events: readonly EncodedEvent[]): SharedObjectBroadcast {
    const isUnrepeatable = events.some(({ eventType }) => eventType === SharedObjectEventType.SendMessage)
    return new SharedObjectBroadcast(this.body(events), isUnrepeatable)
  }

  #nextVersion(): void {
    this.#version = (this.#version + 1) >>> 0
  }

  #checkOpen(): void {
    if (this.#closed) throw new UsageError('RTMP_ERR_USAGE', `shared object ${this.name} is closed: nobody uses it`)
  }

  #tell<K extends keyof SharedObjectEvents>(event: K, ...args: SharedObjectEvents[K]): void {
    for (const listener of this.listeners(event)) {
      try {
        Reflect.apply(listener, this, args)
      } catch (error) {
        this.#log.error({ sharedObject: this.name, event, err: error }, 'listener failed')
      }
    }
  }
}
