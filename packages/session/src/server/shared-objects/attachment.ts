import { LimitError } from '@rtmpipe/chunk-stream'
import type { ConnectionInfo } from '../../contract/connection-info.ts'
import type { SharedObjectBroadcast } from '../../shared-object/broadcast.ts'
import { addressed, type SharedObjectMessageType } from '../../shared-object/encode-shared-object.ts'
import { encodeEvent } from '../../shared-object/event-data.ts'
import type { PacedOutput } from '../../peer/paced-output.ts'
import { stallTimeout } from '../../peer/stall-watch.ts'
import type { SharedObject, SharedObjectUser } from '../../shared-object/shared-object.ts'
import type { SharedObjectEvent } from '../../protocol/shared-object-event.ts'

/**
 * One client's use of one shared object. While too much waits for the client, it misses changes; when there is room
 * again, it gets the whole state.
 */
export class Attachment implements SharedObjectUser {
  readonly object: SharedObject
  readonly connection: ConnectionInfo
  /** The client is answered in the form it uses itself. */
  messageTypeId: SharedObjectMessageType
  readonly #output: PacedOutput
  readonly #end: (error: Error) => void
  #behindSince: number | undefined
  #isDetached = false

  /** @param end ends the connection of a client that can't be kept up to date */
  constructor(
    object: SharedObject,
    connection: ConnectionInfo,
    messageTypeId: SharedObjectMessageType,
    output: PacedOutput,
    end: (error: Error) => void,
  ) {
    this.object = object
    this.connection = connection
    this.messageTypeId = messageTypeId
    this.#output = output
    this.#end = end
  }

  /** Answers Use; from here on the client is told of changes. */
  welcome(): void {
    this.object.attach(this)
    const events = [encodeEvent({ type: 'UseSuccess' }), ...this.object.state()]
    this.#output.send(addressed(this.object.body(events), this.messageTypeId))
  }

  deliver(broadcast: SharedObjectBroadcast): void {
    if (this.#output.hasRoom) {
      if (this.#behindSince !== undefined) {
        this.#sendState()
        // The change is part of the state.
        if (!broadcast.isUnrepeatable) return
      }
      return this.answer(broadcast)
    }
    if (broadcast.isUnrepeatable) return this.#lags('a message to it would be lost')
    if (this.#behindSince === undefined) {
      this.#behindSince = performance.now()
      void this.#catchUp()
    } else if (performance.now() - this.#behindSince > stallTimeout) {
      this.#lags(`it has taken nothing for ${stallTimeout / 1000} s`)
    }
  }

  /** Always sent, even without room: the client is not read while there is none. */
  answer(broadcast: SharedObjectBroadcast): void {
    this.#output.sendBatch(broadcast.batch(this.messageTypeId))
  }

  /** Refuses writes: the client is told so, and told the real values of the properties. */
  refuse(status: Extract<SharedObjectEvent, { type: 'Status' }>, keys: Iterable<string>): void {
    const events = [encodeEvent(status), ...[...keys].map(key => this.object.stateOf(key))]
    this.#output.send(addressed(this.object.body(events), this.messageTypeId))
  }

  detach(): void {
    this.#isDetached = true
    this.object.detach(this)
  }

  async #catchUp(): Promise<void> {
    // Each waiting attachment checks for room again: the one before may have filled it.
    do await this.#output.room()
    while (!this.#output.hasRoom)
    if (this.#behindSince !== undefined && !this.#isDetached) this.#sendState()
  }

  #sendState(): void {
    this.#behindSince = undefined
    this.#output.send(addressed(this.object.body(this.object.state()), this.messageTypeId))
  }

  #lags(reason: string): void {
    this.#end(new LimitError('RTMP_ERR_SHARED_OBJECT_LAG', `a client of ${this.object.name} lags: ${reason}`))
  }
}
