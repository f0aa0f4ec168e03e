import { MessageBatch } from '@rtmpipe/chunk-stream'
import { addressed, type SharedObjectMessageType } from './encode-shared-object.ts'

/** One message for many clients: encoded once for all who take it in the same form. */
export class SharedObjectBroadcast {
  /**
   * True when it says something that is not part of the object's state: a client that misses it can't get it later.
   */
  readonly isUnrepeatable: boolean
  readonly #body: Buffer
  readonly #batches = new Map<SharedObjectMessageType, MessageBatch>()

  constructor(body: Buffer, isUnrepeatable: boolean) {
    this.#body = body
    this.isUnrepeatable = isUnrepeatable
  }

  batch(messageTypeId: SharedObjectMessageType): MessageBatch {
    let batch = this.#batches.get(messageTypeId)
    if (batch === undefined) {
      batch = new MessageBatch([addressed(this.#body, messageTypeId)])
      this.#batches.set(messageTypeId, batch)
    }
    return batch
  }
}
