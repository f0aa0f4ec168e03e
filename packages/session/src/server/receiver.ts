import { AmfError } from '@rtmpipe/amf'
import { LimitError, MessageType, ProtocolError, releasePayload, type RtmpMessage } from '@rtmpipe/chunk-stream'
import type { MessageHandler } from '../peer/dispatch.ts'
import { RateLimit } from '../peer/rate-limit.ts'
import { takePing } from '../peer/user-control.ts'
import { type Command, errorMessage, parseCommand, transactionIdOf } from '../protocol/command.ts'
import { status } from '../protocol/status.ts'
import { commandHandler } from './commands/index.ts'
import type { NetConnection } from './net-connection.ts'
import type { NetStream } from './net-stream.ts'
import { ConnectionSharedObjects } from './shared-objects/connection-shared-objects.ts'

/** Longest buffer a player may ask for; more counts as this. Milliseconds. */
const maxBufferLength = 60_000

/** Hands the messages of a client to its NetStreams, its shared objects and the handlers of commands. */
export class Receiver implements MessageHandler {
  readonly #connection: NetConnection
  readonly #commands: RateLimit
  #sharedObjects: ConnectionSharedObjects | undefined
  /** Told once for a connection, not for each message. */
  #hasDropped = false

  constructor(connection: NetConnection) {
    this.#connection = connection
    connection.obey = command => commandHandler(command.name)(connection, command)
    this.#commands = new RateLimit(connection.server.limits.maxCommandsPerMinute, 60_000, 'RTMP_ERR_COMMAND_RATE')
  }

  /** Takes the next message; a promise asks to wait before the one after it. */
  handle(message: RtmpMessage): void | Promise<void> {
    const connection = this.#connection
    // Messages of a client that was refused or ended are ignored, however long the last replies take.
    if (connection.isEnding) return
    switch (message.messageTypeId) {
      case MessageType.Audio:
      case MessageType.Video:
        return this.#handleMedia(message)
      case MessageType.DataAmf0:
      case MessageType.DataAmf3:
        return this.#telling(message, () => this.#publisherFor(message)?.handleData(message))
      case MessageType.CommandAmf0:
      case MessageType.CommandAmf3:
        return this.#telling(message, () => this.#handleCommand(message))
      case MessageType.UserControl:
        return this.#handleUserControl(message)
      case MessageType.Acknowledgement:
        return connection.peer.link.measure(performance.now())
      case MessageType.SharedObjectAmf0:
      case MessageType.SharedObjectAmf3: {
        const sharedObjects = (this.#sharedObjects ??= new ConnectionSharedObjects(connection))
        return this.#telling(message, () => sharedObjects.handle(message))
      }
      default:
        // Other protocol control is the chunk stream's business; unknown types are ignored.
        return
    }
  }

  /** The connection has closed. */
  closed(): void {
    this.#sharedObjects?.close()
  }

  /** A client that crosses a limit is told so, before its connection ends. */
  #telling(message: RtmpMessage, act: () => void | Promise<void>): void | Promise<void> {
    try {
      return act()?.catch((error: Error) => this.#fail(message, error))
    } catch (error) {
      this.#fail(message, error as Error)
    }
  }

  /** @throws any other error, and that of a stranger: the connection ends with it, unexplained */
  #fail({ messageTypeId, messageStreamId, payload }: RtmpMessage, error: Error): void {
    const connection = this.#connection
    if (!(error instanceof LimitError) || connection.state !== 'connected') throw error
    const description = `${error.message} (${error.code})`
    const isCommand = messageTypeId === MessageType.CommandAmf0 || messageTypeId === MessageType.CommandAmf3
    const transactionId = isCommand ? transactionIdOf({ messageTypeId, payload }) : 0
    if (transactionId !== 0)
      connection.send(errorMessage({ transactionId }, status('NetConnection.Call.Failed', description)))
    else if (connection.netStream(messageStreamId) !== undefined)
      connection.sendStatus(messageStreamId, 'NetStream.Failed', description)
    connection.fail(error, description)
  }

  /** Whoever has to keep a payload holds it: it is given back as soon as it was handed over. */
  #handleMedia(message: RtmpMessage): void | Promise<void> {
    const waits = this.#publisherFor(message)?.handleMedia(message)
    if (this.#connection.messages.reusesPayloads === true) releasePayload(message.payload)
    return waits
  }

  /**
   * The NetStream that publishes the message. A message stream id that names no NetStream has one obvious owner where
   * only one NetStream publishes. Some publishers send all media on id 0, others in chunk headers that have no id.
   */
  #publisherFor(message: RtmpMessage): NetStream | undefined {
    const { messageStreamId, messageTypeId } = message
    const stream = this.#connection.netStream(messageStreamId) ?? this.#onlyPublisher()
    if (stream?.isPublishing === true) return stream
    if (!this.#hasDropped) {
      const fields = { messageStreamId, messageTypeId }
      this.#connection.log.warn(fields, 'media is dropped: nothing is published on its message stream')
    }
    this.#hasDropped = true
    return undefined
  }

  #onlyPublisher(): NetStream | undefined {
    let only: NetStream | undefined
    for (const stream of this.#connection.netStreams) {
      if (!stream.isPublishing) continue
      if (only !== undefined) return undefined
      only = stream
    }
    return only
  }

  #handleCommand(message: RtmpMessage): void | Promise<void> {
    this.#commands.count()
    const connection = this.#connection
    const command = parse(message)
    if (connection.state === 'opened' && command.name !== 'connect') {
      throw new ProtocolError('command', 'RTMP_ERR_COMMAND_ORDER', `${command.name} before connect`)
    }
    const { name, messageStreamId, fault } = command
    connection.log.debug({ command: name, messageStreamId }, 'command')
    if (fault !== undefined) connection.log.debug({ command: name, err: fault }, 'unreadable end of a command ignored')
    return commandHandler(command.name)(connection, command)
  }

  /** User Control events of a client (RTMP 1.0 §7.1.7): a server needs pings and Set Buffer Length only. */
  #handleUserControl(message: RtmpMessage): void {
    const control = takePing(this.#connection.peer, message)
    if (control?.type !== 'SetBufferLength') return
    const stream = this.#connection.netStream(control.messageStreamId)
    if (stream !== undefined) stream.bufferLength = Math.min(control.bufferLength, maxBufferLength)
  }
}

function parse(message: RtmpMessage): Command {
  try {
    return parseCommand(message)
  } catch (error) {
    if (!(error instanceof AmfError)) throw error
    throw new ProtocolError('command', 'RTMP_ERR_COMMAND', `unreadable command: ${error.message}`, { cause: error })
  }
}
