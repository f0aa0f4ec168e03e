import { AmfError } from '@rtmpipe/amf'
import { LimitError, ProtocolError, RtmpError, type RtmpMessage } from '@rtmpipe/chunk-stream'
import { deny, type Refusal } from '../../contract/denial.ts'
import type { NetConnection } from '../net-connection.ts'
import { RateLimit } from '../../peer/rate-limit.ts'
import { stallTimeout, StallWatch } from '../../peer/stall-watch.ts'
import { shownName } from '../../protocol/shown-name.ts'
import { status, type StatusCode } from '../../protocol/status.ts'
import { noticeRefusal, refusalEvent, tellRefusal } from '../../hooks/tell-refusal.ts'
import { Attachment } from './attachment.ts'
import { type SharedObjectMessageType, sharedObjectMessage } from '../../shared-object/encode-shared-object.ts'
import { sharedObjectNameError } from '../../shared-object/check-name.ts'
import { PacedOutput } from '../../peer/paced-output.ts'
import { parseSharedObject } from '../../shared-object/parse-shared-object.ts'
import type { SharedObject } from '../../shared-object/shared-object.ts'
import type { SharedObjectMessage, SharedObjectWrite } from '../../protocol/shared-object-event.ts'

/** Bytes of a message besides its values: name, headers of events, keys. */
const messageOverhead = 64 * 1024
/** How many times longer values may become when references are written out, and some bytes more. */
const maxExpansion = 16

/** A message and the form it came in. */
type Request = SharedObjectMessage & { readonly messageTypeId: SharedObjectMessageType; readonly byteLength: number }

/** The shared objects one client uses, in the server's role (RTMP 1.0 §7.1.3). */
export class ConnectionSharedObjects {
  readonly #connection: NetConnection
  readonly #attachments = new Map<string, Attachment>()
  readonly #output: PacedOutput
  readonly #rate: RateLimit

  constructor(connection: NetConnection) {
    const { maxMessagesPerSecond, maxQueuedBytes } = connection.server.sharedObjects.limits
    this.#connection = connection
    this.#output = new PacedOutput(connection.messages, maxQueuedBytes)
    this.#rate = new RateLimit(maxMessagesPerSecond, 1_000, 'RTMP_ERR_SHARED_OBJECT_RATE')
  }

  /**
   * Acts on the events of one message in their order. Events that only servers send, and unknown ones, are ignored.
   */
  async handle(message: RtmpMessage): Promise<void> {
    this.#rate.count()
    const request = this.#parse(message)
    let writes: SharedObjectWrite[] = []
    for (const event of request.events) {
      switch (event.type) {
        case 'RequestChange':
        case 'RequestRemove':
        case 'SendMessage':
          writes.push(event)
          continue
        case 'Use':
        case 'Release':
          await this.#write(request, writes)
          writes = []
          if (event.type === 'Use') await this.#use(request)
          else this.#release(request.name)
      }
    }
    await this.#write(request, writes)
  }

  /** The connection has closed. */
  close(): void {
    for (const name of this.#attachments.keys()) this.#release(name)
  }

  /** @throws ProtocolError, LimitError; the connection ends with them */
  #parse({ messageTypeId, payload }: RtmpMessage): Request {
    const { app, state, server } = this.#connection
    if (state !== 'connected') {
      throw new ProtocolError('message', 'RTMP_ERR_COMMAND_ORDER', `a shared object message while ${state}`)
    }
    const { maxObjectBytes } = server.sharedObjects.limits
    const maxLength = maxObjectBytes + messageOverhead
    if (payload.length > maxLength) {
      const message = `a shared object message of ${payload.length} bytes, more than ${maxLength}`
      throw new LimitError('RTMP_ERR_SHARED_OBJECT_LENGTH', message)
    }
    const request = parseSharedObject({ messageTypeId, payload })
    this.#connection.log.debug(
      { app, sharedObject: shownName(request.name), events: request.events.length },
      'shared object',
    )
    return { ...request, messageTypeId: messageTypeId as SharedObjectMessageType, byteLength: payload.length }
  }

  async #use(request: Request): Promise<void> {
    await this.#room()
    const attached = this.#attachments.get(request.name)
    if (attached !== undefined) {
      attached.messageTypeId = request.messageTypeId
      if (attached.object.persistent !== request.persistent) {
        return this.#deny(request, deny('SharedObject.BadPersistence', 'it is in use with another persistence'))
      }
      return attached.welcome()
    }
    const { sharedObjects } = this.#connection.server
    const nameError = sharedObjectNameError(request.name, sharedObjects.limits.maxNameLength)
    if (nameError !== undefined) {
      return this.#deny(request, deny('SharedObject.ObjectCreationFailed', nameError.message))
    }
    if (this.#attachments.size >= sharedObjects.limits.maxObjectsPerConnection) {
      const tooMany = 'too many shared objects on this connection'
      this.#connection.log.warn({ code: 'RTMP_ERR_SHARED_OBJECT_LIMIT' }, tooMany)
      return this.#fail(request, deny('SharedObject.ObjectCreationFailed', tooMany))
    }
    const denial = await this.#gate(request, [])
    if (denial !== undefined) return this.#deny(request, denial)
    const object = await this.#open(request)
    if (object === undefined) return
    if (!this.#isConnected) return sharedObjects.release(object)
    const attachment = new Attachment(object, this.#connection, request.messageTypeId, this.#output, error =>
      this.#connection.messages.destroy(error),
    )
    this.#attachments.set(request.name, attachment)
    attachment.welcome()
  }

  /**
   * Waits while the client does not read its answers: no more messages are read from it. Dead-peer detection does not
   * end such a client, because nothing can come while we do not read; so it is ended here.
   */
  async #room(): Promise<void> {
    if (this.#output.hasRoom) return
    const { messages } = this.#connection
    const watch = new StallWatch(messages, () => {
      const lag = `a client of shared objects lags: it has taken nothing for ${stallTimeout / 1000} s`
      messages.destroy(new LimitError('RTMP_ERR_SHARED_OBJECT_LAG', lag))
    })
    await this.#output.room()
    watch.stop()
  }

  async #open(request: Request): Promise<SharedObject | undefined> {
    const { name, persistent } = request
    try {
      return await this.#connection.server.sharedObjects.open(this.#connection.app, name, { persistent })
    } catch (error) {
      if (!(error instanceof RtmpError)) throw error
      const { code, message } = error
      this.#connection.log.warn({ sharedObject: name, code }, message)
      const isMismatch = code === 'RTMP_ERR_SHARED_OBJECT_PERSISTENCE'
      this.#fail(
        request,
        deny(isMismatch ? 'SharedObject.BadPersistence' : 'SharedObject.ObjectCreationFailed', message),
      )
      return undefined
    }
  }

  #release(name: string): void {
    const attachment = this.#attachments.get(name)
    if (attachment === undefined) return
    this.#attachments.delete(name)
    attachment.detach()
    this.#connection.server.sharedObjects.release(attachment.object)
  }

  async #write(request: Request, writes: readonly SharedObjectWrite[]): Promise<void> {
    if (writes.length === 0) return
    await this.#room()
    const { name } = request
    if (!this.#attachments.has(name)) {
      return this.#deny(request, deny('SharedObject.NoWriteAccess', 'it is not in use by this client'))
    }
    const refusal = await this.#gate(request, writes)
    if (refusal !== undefined) this.#tellRefusal(request, refusal)
    const denial = refusal ?? this.#apply(request, writes)
    if (denial === undefined) return
    const attachment = this.#attachments.get(name)
    // The status for a failed plugin is one that answers Use.
    const isFailure = denial.code === 'SharedObject.ObjectCreationFailed'
    const { code, level } = status(isFailure ? 'SharedObject.NoWriteAccess' : denial.code, denial.description)
    attachment?.refuse({ type: 'Status', code, level }, keysOf(writes))
  }

  /** @returns the denial, if it can not be done */
  #apply({ name, byteLength }: Request, writes: readonly SharedObjectWrite[]): ReturnType<typeof deny> | undefined {
    const attachment = this.#attachments.get(name)
    if (attachment === undefined || !this.#isConnected) return undefined
    try {
      attachment.object.apply(writes, attachment, messageOverhead + maxExpansion * byteLength)
      return undefined
    } catch (error) {
      if (!(error instanceof AmfError || error instanceof RtmpError)) throw error
      this.#connection.log.warn({ sharedObject: name, code: error.code }, error.message)
      return deny('SharedObject.NoWriteAccess', error.message)
    }
  }

  async #gate({ name, persistent }: Request, writes: readonly SharedObjectWrite[]) {
    const { app, query } = this.#connection.target
    const access = writes.length > 0 ? ('write' as const) : ('use' as const)
    const event = { connection: this.#connection, app, query, name, persistent, access, writes }
    const { denial } = await this.#connection.hooks.gate('onSharedObject', event)
    return denial
  }

  get #isConnected(): boolean {
    return this.#connection.state === 'connected' && !this.#connection.isEnding
  }

  #tellRefusal({ name }: Request, refusal: Refusal): void {
    tellRefusal(this.#connection, 'shared object', { app: this.#connection.app, sharedObject: name }, refusal)
  }

  /** Refuses what has a line of the log already. */
  #fail(request: Request, refusal: Refusal): void {
    const asked = { app: this.#connection.app, sharedObject: request.name }
    noticeRefusal(this.#connection, refusalEvent(this.#connection, 'shared object', asked, refusal))
    this.#refuse(request, refusal.code)
  }

  #deny(request: Request, refusal: Refusal): void {
    this.#tellRefusal(request, refusal)
    this.#refuse(request, refusal.code)
  }

  /** Answers when there is no object. */
  #refuse({ name, persistent, messageTypeId }: Request, refusal: StatusCode): void {
    const { code, level } = status(refusal, '')
    const message = { name, version: 0, persistent, events: [{ type: 'Status' as const, code, level }] }
    this.#output.send(sharedObjectMessage(message, messageTypeId))
  }
}

function keysOf(writes: readonly SharedObjectWrite[]): Set<string> {
  return new Set(writes.flatMap(write => (write.type === 'SendMessage' ? [] : [write.key])))
}
