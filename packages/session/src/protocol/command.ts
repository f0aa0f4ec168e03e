import {
  AmfError,
  type AmfObject,
  type AmfValue,
  Amf0Reader,
  encodeAmf0,
  propertiesOf,
  salvageAmf0,
  withoutFormatSelector,
} from '@rtmpipe/amf'
import { LimitError, MessageType, ProtocolError, type RtmpMessage } from '@rtmpipe/chunk-stream'
import { status as makeStatus, type Status, type StatusCode } from './status.ts'

/** A command message taken apart (RTMP 1.0 §7.1.1, §7.2). */
export interface Command {
  readonly name: string
  /** 0 means that no answer is wanted; anything that is not such a number counts as 0. */
  readonly transactionId: number
  readonly commandObject: AmfValue
  readonly args: readonly AmfValue[]
  readonly messageStreamId: number
  /** What is wrong with the bytes behind these values; undefined when all were read. */
  readonly fault?: AmfError
}

const maxCommandLength = 64 * 1024
/** More than any command has; `connect` may have arguments of an application's own. */
const maxArguments = 64
/** Bytes in which a name and a transaction id are looked for. */
const maxHeadLength = 1024

/**
 * Takes a command apart. Some encoders pad theirs or leave out the end of an object: what was read up to there is taken.
 *
 * @throws ProtocolError, LimitError, and AmfError when name or transaction id can't be read
 */
export function parseCommand(message: RtmpMessage): Command {
  const { payload, messageStreamId } = message
  if (payload.length > maxCommandLength) {
    throw new LimitError('RTMP_ERR_COMMAND_LENGTH', `command of ${payload.length} bytes, more than ${maxCommandLength}`)
  }
  const isAmf3 = message.messageTypeId === MessageType.CommandAmf3
  const { values, fault } = salvageAmf0(isAmf3 ? withoutFormatSelector(payload) : payload)
  if (fault !== undefined && values.length < 2) throw fault
  const [name, transactionId, commandObject, ...args] = values
  if (typeof name !== 'string') throw new ProtocolError('command', 'RTMP_ERR_COMMAND', 'the command has no name')
  if (args.length > maxArguments) {
    throw new LimitError('RTMP_ERR_COMMAND_ARGUMENTS', `command of ${args.length} arguments, more than ${maxArguments}`)
  }
  return { name, transactionId: idOf(transactionId), commandObject, args, messageStreamId, ...(fault && { fault }) }
}

/** The transaction id of a command that is not taken, to answer it all the same; 0 where none can be read. */
export function transactionIdOf({ messageTypeId, payload }: Pick<RtmpMessage, 'messageTypeId' | 'payload'>): number {
  const head = payload.subarray(0, maxHeadLength)
  const reader = new Amf0Reader(messageTypeId === MessageType.CommandAmf3 ? withoutFormatSelector(head) : head)
  try {
    return typeof reader.read() === 'string' ? idOf(reader.read()) : 0
  } catch (error) {
    if (!(error instanceof AmfError)) throw error
    return 0
  }
}

function idOf(value: AmfValue): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : 0
}

/** A command message in AMF0, which every peer understands; `Amf3Output` makes it one of AMF3. */
export function commandMessage(
  messageStreamId: number,
  name: string,
  transactionId: number,
  ...values: AmfValue[]
): RtmpMessage {
  return {
    messageTypeId: MessageType.CommandAmf0,
    messageStreamId,
    timestamp: 0,
    payload: encodeAmf0(name, transactionId, ...values),
  }
}

/** `_result` of a command: command object or properties, then whatever the command answers with. */
export function resultMessage(command: Command, ...values: AmfValue[]): RtmpMessage {
  return commandMessage(0, '_result', command.transactionId, ...values)
}

/** `_error` of a command. */
export function errorMessage(
  command: Pick<Command, 'transactionId'>,
  info: Status,
  details: AmfObject = {},
): RtmpMessage {
  return commandMessage(0, '_error', command.transactionId, null, { ...info, ...details })
}

/** `onStatus` on a NetStream (RTMP 1.0 §7.2.2), or on the NetConnection with id 0. */
export function statusMessage(messageStreamId: number, info: Status, details: AmfObject = {}): RtmpMessage {
  return commandMessage(messageStreamId, 'onStatus', 0, null, { ...info, ...details })
}

/** The same with an info object made of code and description. */
export function onStatus(
  messageStreamId: number,
  code: StatusCode,
  description: string,
  details?: AmfObject,
): RtmpMessage {
  return statusMessage(messageStreamId, makeStatus(code, description), details)
}

/**
 * `onPlayStatus`, which tells a player how its playlist goes on; a data message, unlike `onStatus`. Not in the
 * specification.
 */
export function playStatusMessage(messageStreamId: number, info: Status): RtmpMessage {
  const payload = encodeAmf0('onPlayStatus', { ...info })
  return { messageTypeId: MessageType.DataAmf0, messageStreamId, timestamp: 0, payload }
}

/** Properties of anything that is an object to AMF; empty for everything else. */
export function objectOf(value: AmfValue): AmfObject {
  return propertiesOf(value) ?? {}
}

/** The value if it is a string, else ''. */
export function stringOf(value: AmfValue): string {
  return typeof value === 'string' ? value : ''
}
