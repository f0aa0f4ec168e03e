import type { AmfObject } from '@rtmpipe/amf'
import { type MessageBatch, MessageType, parseUserControl, type RtmpMessage, userControl } from '@rtmpipe/chunk-stream'
import { CapsEx, formatEnhancedCapabilities } from '@rtmpipe/flv'
import { StatusError } from '../../contract/errors.ts'
import type { InProcessPeer } from '../../contract/in-process.ts'
import { statusError } from '../../peer/status-error.ts'
import { type Command, commandMessage, errorMessage, objectOf, parseCommand, stringOf } from '../../protocol/command.ts'
import { forwardedCapabilities } from '../../protocol/forwarded-capabilities.ts'
import { isStreamMessage } from '../../protocol/media-role.ts'
import { type Status, status } from '../../protocol/status.ts'
import type { NetConnection } from '../net-connection.ts'
import type { NetStream } from '../net-stream.ts'
import { type BatchTaker, type FarEnd, InProcessConnection } from './in-process-connection.ts'

/** What becomes of the NetStream, told to who reads or writes it. */
export interface InProcessEvents {
  /** Bytes that wait for the reader. */
  readonly queuedBytes: number
  /** Bytes sent to the reader, where it counts them. */
  readonly bytesSent?: number
  media(message: RtmpMessage): void
  /** Takes media as it goes out to many. Default: message by message. @returns true if nothing is queued, when it knows that */
  batch?(batch: MessageBatch): boolean | undefined
  /** @param isOver the server has ended the publish or play */
  status(status: Status, isOver: boolean): void
  /** The connection has closed. @param reason what somebody has said to it */
  disconnected(reason: Error | undefined): void
}

/** Begins to serve a connection. @throws StatusError when the server takes no more */
export type Serve = (messages: InProcessConnection) => NetConnection

/** Every codec is taken; but there is nothing that could connect again. */
const capabilities = formatEnhancedCapabilities({
  ...forwardedCapabilities,
  capsEx: (forwardedCapabilities.capsEx ?? 0) & ~CapsEx.Reconnect,
})

/**
 * A client in this process with one NetStream. It asks with the commands that every client uses, so that gates, limits,
 * counts and notices are the same; only its media takes no detour.
 */
export class InProcessClient {
  readonly messages: InProcessConnection
  readonly #events: InProcessEvents
  #connection: NetConnection | undefined
  #id = 0
  /** The question that the server has not answered yet. */
  #asked: { answer(command: Command): void; fail(error: Error): void } | undefined
  #isOpen = false
  /** Why it ends, as far as it has been told. */
  #reason: Error | undefined

  constructor(events: InProcessEvents) {
    this.#events = events
    this.messages = new InProcessConnection(new EventsEnd(events, message => this.#take(message)))
    this.messages.on('error', error => {
      this.#reason = error
    })
    this.messages.once('close', () => {
      if (this.#isOpen) this.#events.disconnected(this.#reason)
      else this.#fail(this.#reason ?? closedError())
    })
  }

  /** While the server has it. */
  get netStream(): NetStream | undefined {
    return this.#connection?.netStream(this.#id)
  }

  /** Why it has ended, or is about to; undefined when nobody has said. */
  get reason(): Error | undefined {
    return this.#reason
  }

  /**
   * Connects, and publishes or plays.
   *
   * @param command `publish` or `play` on that message stream
   * @throws StatusError when the server refuses
   */
  async open(serve: Serve, app: string, who: InProcessPeer, command: (id: number) => RtmpMessage): Promise<void> {
    this.#endOnAbort(who.signal)
    this.#connection = serve(this.messages)
    await this.#ask(commandMessage(0, 'connect', 1, connectObject(app, who)))
    const { args } = await this.#ask(commandMessage(0, 'createStream', 2, null))
    this.#id = args[0] as number
    await this.#ask(command(this.#id))
    this.#isOpen = true
    if (this.#reason !== undefined) throw this.#reason
  }

  /** Publishes a message. @param done called when the server reads on, or with why it never will */
  write(message: RtmpMessage, done: (error?: Error | null) => void): void {
    this.messages.give({ ...message, messageStreamId: this.#id }, error =>
      done(error ? (this.#reason ?? closedError()) : null),
    )
  }

  /** Leaves at once. */
  leave(): void {
    this.messages.destroy()
  }

  #ask(message: RtmpMessage): Promise<Command> {
    return new Promise((answer, fail) => {
      if (this.messages.destroyed) return fail(this.#reason ?? closedError())
      this.#asked = { answer, fail }
      this.messages.give(message)
    })
  }

  #take(message: RtmpMessage): void {
    if (isStreamMessage(message)) this.#events.media(message)
    else if (message.messageTypeId === MessageType.CommandAmf0) this.#command(parseCommand(message))
    else if (message.messageTypeId === MessageType.UserControl) this.#answerPing(message)
  }

  #command(command: Command): void {
    if (command.name === 'onStatus') this.#status(command)
    else if (command.name === '_result') this.#answer(command)
    else if (command.name === '_error') this.#fail(statusError(objectOf(command.args[0])))
    else if (command.transactionId !== 0) {
      const prohibited = status('NetConnection.Call.Prohibited', 'this client has no methods')
      this.#giveSoon(errorMessage(command, prohibited))
    }
  }

  #status(command: Command): void {
    const { level, code, description } = statusOf(command)
    const state = this.netStream?.state
    if (command.messageStreamId === 0)
      this.#reason ??= this.#connection?.failure ?? statusError(objectOf(command.args[0]))
    else if (state !== 'playing' && state !== 'publishing') {
      this.#reason ??= statusError(objectOf(command.args[0]))
      if (this.#isOpen) this.#events.status({ level, code, description } as Status, true)
      else this.#fail(this.#reason)
    } else if (this.#asked === undefined) this.#events.status({ level, code, description } as Status, false)
    else if (code === 'NetStream.Play.Start' || code === 'NetStream.Publish.Start') this.#answer(command)
  }

  #answer(command: Command): void {
    const asked = this.#asked
    this.#asked = undefined
    asked?.answer(command)
  }

  /** Until it is open, a failure is that of {@link InProcessClient.open}: nobody could hear of it otherwise. */
  #fail(error: Error): void {
    this.#reason ??= error
    this.#asked?.fail(error)
    this.#asked = undefined
  }

  /** A ping is answered for the reader: whether it still reads is seen by what waits for it. */
  #answerPing(message: RtmpMessage): void {
    const control = parseUserControl(message.payload)
    if (control?.type !== 'PingRequest') return
    this.#giveSoon(userControl({ type: 'PingResponse', timestamp: control.timestamp }))
  }

  /** Whoever asks does not expect the answer before it has asked. */
  #giveSoon(message: RtmpMessage): void {
    process.nextTick(() => this.messages.give(message))
  }

  #endOnAbort(signal: AbortSignal | undefined): void {
    if (signal === undefined) return
    const end = () => {
      this.#reason = signal.reason as Error
      this.messages.destroy()
    }
    if (signal.aborted) throw signal.reason
    signal.addEventListener('abort', end, { once: true })
    this.messages.once('close', () => signal.removeEventListener('abort', end))
  }
}

/** The far end of a client's connection. A class: what an object literal has getters in is slow to read. */
class EventsEnd implements FarEnd {
  readonly batches: BatchTaker | undefined
  readonly take: (message: RtmpMessage) => void
  readonly #events: InProcessEvents

  constructor(events: InProcessEvents, take: (message: RtmpMessage) => void) {
    this.#events = events
    this.take = take
    this.batches = takesBatches(events) ? events : undefined
  }

  get queuedBytes(): number {
    return this.#events.queuedBytes
  }

  get bytesSent(): number | undefined {
    return this.#events.bytesSent
  }
}

function takesBatches(events: InProcessEvents): events is InProcessEvents & BatchTaker {
  return events.batch !== undefined
}

/** The error where nobody has said another. */
export function closedError(): StatusError {
  return new StatusError('NetConnection.Connect.Closed', 'the connection is closed')
}

/** A query behind the stream's name, where RTMP clients have it too. */
export function withQuery(name: string, { query = '' }: InProcessPeer): string {
  const text = String(query)
  return text === '' ? name : `${name}${name.includes('?') ? '&' : '?'}${text}`
}

/** What it says of itself with `connect`. */
export function connectObject(
  app: string,
  who: InProcessPeer,
): AmfObject & Record<'app' | 'tcUrl' | 'flashVer', string> {
  const { tcUrl = `${who.transport}://localhost/${app}`, flashVer = '' } = who
  return { ...who.commandObject, ...capabilities, app: withQuery(app, who), tcUrl, flashVer }
}

function statusOf(command: Command): Record<'level' | 'code' | 'description', string> {
  const info = objectOf(command.args[0])
  return {
    level: stringOf(info['level']),
    code: stringOf(info['code']),
    description: stringOf(info['description']),
  }
}
