import { type AmfValue, propertiesOf } from '@rtmpipe/amf'
import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import type { Complain } from '../complain.ts'
import type { Names } from '../names.ts'
import { plainValues } from '../plain-value.ts'
import { amfValues } from './amf-values.ts'
import { type Body, unreadable } from './body.ts'

/** A command as it was sent (RTMP 1.0 §7.2). */
export interface ReadCommand {
  readonly name: string
  readonly transactionId: number
  readonly commandObject: AmfValue
  readonly args: readonly AmfValue[]
}

/** Their first argument is the name of a stream. */
const namingCommands: ReadonlySet<string> = new Set([
  'publish',
  'play',
  'releaseStream',
  'FCPublish',
  'FCUnpublish',
  'FCSubscribe',
  'FCUnsubscribe',
  'getStreamLength',
  'deleteStream',
  'closeStream',
])

/** What their strings say is known to be no secret. */
const plainCommands: ReadonlySet<string> = new Set([
  'connect',
  'createStream',
  'setPeerInfo',
  '_result',
  '_error',
  'onStatus',
  'onBWDone',
  '_checkbw',
  'onFCPublish',
  'onFCUnpublish',
  'onFCSubscribe',
  'onFCUnsubscribe',
  'close',
  'pause',
  'seek',
  'receiveAudio',
  'receiveVideo',
])

const secretKeys = /pass|secret|token|key|auth|cred/i

/** A command message; the command is undefined if it can not be read or has no name. */
export function readCommand(
  message: RtmpMessage,
  names: Names,
  complain: Complain,
): { readonly body: Body; readonly command?: ReadCommand } {
  const values = amfValues(message, complain)
  if (values === undefined) return { body: unreadable }
  const [name, transactionId, commandObject, ...args] = values
  if (typeof name !== 'string') {
    complain('command-form', 'the command has no name')
    return { body: { values: plainValues(values, hidden(names), plain(names)) } }
  }
  const isId = typeof transactionId === 'number' && Number.isSafeInteger(transactionId) && transactionId >= 0
  if (!isId) complain('command-form', 'the transaction id is not a whole number from 0')
  const id = isId ? transactionId : 0
  const command = { name, transactionId: id, commandObject, args }
  return { body: { name, transactionId: id, values: shown(command, names) }, command }
}

function shown({ name, commandObject, args }: ReadCommand, names: Names): Body[string] {
  if (namingCommands.has(name)) {
    const [first, ...rest] = args
    // Whatever type it has: a peer may send more than one thinks.
    const named = plainValues([commandObject, first], value => names.name(value), plain(names))
    return [...named.slice(0, 1 + Math.min(1, args.length)), ...plainValues(rest, plain(names), plain(names))]
  }
  if (!plainCommands.has(name)) return plainValues([commandObject, ...args], hidden(names), plain(names))
  const hidesDescription = learnDetails([commandObject, ...args], names)
  const text = (value: string, under: string | undefined) => {
    if (under === undefined) return names.text(value)
    if (secretKeys.test(under)) return names.hidden(value)
    if (under === 'details') return names.name(value)
    return under === 'description' && hidesDescription ? names.hidden(value) : names.text(value)
  }
  if (name !== 'connect') return plainValues([commandObject, ...args], text, plain(names))
  // What a user adds to connect is often a password.
  return [...plainValues([commandObject], text, plain(names)), ...plainValues(args, hidden(names), plain(names))]
}

function hidden(names: Names): (value: string) => string {
  return value => names.hidden(value)
}

function plain(names: Names): (value: string) => string {
  return value => names.text(value)
}

/**
 * Learns the names that info objects have as `details`. Whether a description is better not shown: it mostly has the name
 * of the stream in it, which only those who know the name can mask.
 */
function learnDetails(values: readonly AmfValue[], names: Names): boolean {
  let isOfStream = false
  for (const value of values) {
    const { code, details } = propertiesOf(value) ?? {}
    if (typeof details === 'string') names.name(details)
    if (typeof code === 'string' && code.startsWith('NetStream.')) isOfStream = true
  }
  return isOfStream && !names.learned
}
