import { type Command, objectOf, playStatusMessage, statusMessage, stringOf } from '../../protocol/command.ts'
import type { Refusal } from '../../contract/denial.ts'
import { status } from '../../protocol/status.ts'
import { isBadName } from '../../protocol/stream-target.ts'
import type { NetConnection } from '../net-connection.ts'
import type { NetStream } from '../net-stream.ts'
import type { Playback } from '../play/playback.ts'
import { refuseWithoutNetStream } from './without-net-stream.ts'
import { appendPlay, failPlay, openPlayback, type PlayItem, playItem, question, startPlay } from './play.ts'

/** NetStream.play2 (RTMP 1.0 §7.2.2.2): switches to another stream, or changes the playlist, without a stop. */
export function play2(connection: NetConnection, command: Command): void | Promise<void> {
  const netStream = connection.netStream(command.messageStreamId)
  if (netStream === undefined) return refuseWithoutNetStream(connection, command, 'play2', 'NetStream.Play.Failed')
  const { streamName, start, len, transition } = objectOf(command.args[0])
  if (transition === 'stop') return netStream.end(status('NetStream.Play.Stop', 'stopped'))
  const asked = { app: connection.app, streamName: stringOf(streamName) }
  if (asked.streamName === '') return failPlay(connection, netStream, 'play2', asked, 'play2 names no stream')
  const item = playItem(connection, streamName, start, len)
  if (isBadName(item)) return failPlay(connection, netStream, 'play2', asked, item.fault)
  if (transition === 'append' || transition === 'appendAndWait') return appendPlay(connection, netStream, item)
  // If nothing is played, and with `reset`, this is a normal play.
  const before = netStream.playback
  if (before === undefined || transition === 'reset') return startPlay(connection, netStream, item, true)
  return switchTo(connection, netStream, item, before)
}

/** The present stream goes on until the new one is known to be playable. */
async function switchTo(
  connection: NetConnection,
  netStream: NetStream,
  item: PlayItem,
  before: Playback,
): Promise<void> {
  const refuse = (refusal: Refusal) => netStream.refuse('play2', item, refusal)
  const fail = (description: string) => failPlay(connection, netStream, 'play2', item, description)
  const verdict = await connection.hooks.gate('onPlay', question(connection, item))
  if (netStream.playback !== before) return fail('what was played has ended meanwhile')
  if (verdict.denial) return refuse(verdict.denial)
  const commitment = await connection.hooks.commit('onPlayAccepted', verdict.event)
  if (netStream.playback !== before) {
    commitment.undo()
    return fail('what was played has ended meanwhile')
  }
  if (commitment.denial) return refuse(commitment.denial)
  let playback: Playback
  try {
    playback = await openPlayback(connection, netStream, verdict.event)
  } catch {
    commitment.undo()
    return fail('internal error')
  }
  if (netStream.playback !== before) {
    commitment.undo()
    return playback.stop()
  }
  const { streamName } = item
  const info = status('NetStream.Play.Transition', `switching to ${streamName}`)
  connection.send(statusMessage(netStream.id, info, { details: streamName }))
  netStream.switchTo(playback, streamName)
  try {
    if (!playback.start()) return commitment.undo()
  } catch {
    commitment.undo()
    return netStream.end(status('NetStream.Failed', 'internal error'))
  }
  const complete = status('NetStream.Play.TransitionComplete', `${streamName} is played`)
  connection.send(playStatusMessage(netStream.id, complete))
}
