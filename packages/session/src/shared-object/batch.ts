import type { AmfValue } from '@rtmpipe/amf'
import { type EncodedEvent, encodeEvent } from './event-data.ts'
import type { PropertyMap } from './property-map.ts'
import { SharedObjectEventType, type SharedObjectWrite } from '../protocol/shared-object-event.ts'

type SendMessage = Extract<SharedObjectWrite, { type: 'SendMessage' }>

/** Writes that take effect together: their changes, and what each client is told. */
export class Batch {
  /** Properties in bytes; undefined removes. */
  readonly changes: Map<string, Buffer | undefined> = new Map()
  readonly values: Map<string, AmfValue> = new Map()
  readonly sent: SendMessage[] = []
  readonly forSender: EncodedEvent[] = []
  readonly forOthers: EncodedEvent[] = []
  readonly #present: Pick<PropertyMap, 'has'>
  #bytesLeft: number

  /** @param byteLength bytes that all values together may take */
  constructor(present: Pick<PropertyMap, 'has'>, byteLength: number = Infinity) {
    this.#present = present
    this.#bytesLeft = byteLength
  }

  /** @throws AmfError, UsageError */
  add(write: SharedObjectWrite): void {
    switch (write.type) {
      case 'RequestChange':
        return this.#set(write.key, write.value, this.#encode(write).data)
      case 'RequestRemove':
        return this.#remove(write.key)
      case 'SendMessage': {
        const event = this.#encode(write)
        this.sent.push(write)
        this.forSender.push(event)
        this.forOthers.push(event)
      }
    }
  }

  #set(key: string, value: AmfValue, data: Buffer): void {
    this.changes.set(key, data)
    this.values.set(key, value)
    this.forSender.push(encodeEvent({ type: 'Success', key }))
    // The others are told what the sender asks for: key and value.
    this.forOthers.push({ eventType: SharedObjectEventType.Change, data })
  }

  /** The sender is told that the property is gone, even if it did not exist. */
  #remove(key: string): void {
    const removal = encodeEvent({ type: 'Remove', key })
    this.forSender.push(removal)
    const isThere = this.changes.has(key) ? this.changes.get(key) !== undefined : this.#present.has(key)
    if (!isThere) return
    this.forOthers.push(removal)
    this.values.delete(key)
    // A property that came and went within this batch changes nothing.
    if (this.#present.has(key)) this.changes.set(key, undefined)
    else this.changes.delete(key)
  }

  #encode(write: SharedObjectWrite): EncodedEvent {
    const event = encodeEvent(write, this.#bytesLeft)
    this.#bytesLeft -= event.data.length
    return event
  }
}
