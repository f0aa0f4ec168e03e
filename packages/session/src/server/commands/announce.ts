import { type Command, commandMessage, resultMessage, stringOf } from '../../protocol/command.ts'
import { type Status, status } from '../../protocol/status.ts'
import type { NetConnection } from '../net-connection.ts'

/** Most names kept for onFCPublish; a client needs no more. */
const maxAnnounced = 32

/** Names announced by FCPublish, whose sender waits for `onFCPublish`. */
const announced = new WeakMap<NetConnection, Set<string>>()

/** releaseStream, sent by ffmpeg and OBS before publishing; not in the specification. There is nothing to release. */
export function releaseStream(connection: NetConnection, command: Command): void {
  answer(connection, command)
}

/** FCPublish, sent before publishing; not in the specification. FMLE waits for `onFCPublish`, which publish sends. */
export function fcPublish(connection: NetConnection, command: Command): void {
  const names = announced.get(connection) ?? new Set()
  announced.set(connection, names)
  if (names.size < maxAnnounced) names.add(stringOf(command.args[0]))
  answer(connection, command)
}

/** What was announced under that name has started: sends `onFCPublish` to a client that waits for it. */
export function answerAnnouncement(connection: NetConnection, name: string, info: Status): void {
  const wasAnnounced = announced.get(connection)?.delete(name) === true
  if (wasAnnounced) connection.send(commandMessage(0, 'onFCPublish', 0, null, { ...info }))
}

/** FCUnpublish, sent when a publish ends; not in the specification. It ends the publish. */
export function fcUnpublish(connection: NetConnection, command: Command): void {
  const name = stringOf(command.args[0])
  announced.get(connection)?.delete(name)
  const stream = connection.netStreamByName(name)
  if (stream?.isPublishing === true) stream.stop()
  const info = status('NetStream.Unpublish.Success', 'the publish has ended')
  connection.send(commandMessage(0, 'onFCUnpublish', 0, null, { ...info }))
  answer(connection, command)
}

/** FCSubscribe, sent before playing a live stream; not in the specification. Some clients wait for `onFCSubscribe`. */
export function fcSubscribe(connection: NetConnection, command: Command): void {
  const info = status('NetStream.Play.Start', `${stringOf(command.args[0])} may be played`)
  connection.send(commandMessage(0, 'onFCSubscribe', 0, null, { ...info }))
  answer(connection, command)
}

/** FCUnsubscribe; not in the specification. No answer: clients that get `onFCUnsubscribe` leave. */
export function fcUnsubscribe(connection: NetConnection, command: Command): void {
  answer(connection, command)
}

function answer(connection: NetConnection, command: Command): void {
  if (command.transactionId !== 0) connection.send(resultMessage(command, null))
}
