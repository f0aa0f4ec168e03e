import { type Command, objectOf, playStatusMessage, statusMessage, stringOf } from '../../protocol/command.ts'
import { status } from '../../protocol/status.ts'
import type { NetConnection } from '../net-connection.ts'
import type { NetStream } from '../net-stream.ts'
import type { Playback } from '../play/playback.ts'
import { appendPlay, openPlayback, type PlayItem, playItem, question, startPlay } from './play.ts'

/** NetStream.play2 (RTMP 1.0 §7.2.2.2): switches to another stream, or changes the playlist, without a stop. */
export function play2(connection: NetConnection, command: Command): void | Promise<void> {
  const netStream = connection.netStream(command.messageStreamId)
  if (netStream === undefined) return
  const { streamName, start, len, transition } = objectOf(command.args[0])
  if (transition === 'stop') return netStream.end(status('NetStream.Play.Stop', 'stopped'))
  if (stringOf(streamName) === '') return fail(connection, netStream, 'play2 names no stream')
  const item = playItem(connection, streamName, start, len)
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
  const verdict = await connection.hooks.gate('onPlay', question(connection, item))
  if (netStream.playback !== before) return fail(connection, netStream, 'what was played has ended meanwhile')
  if (verdict.denial) return netStream.deny(verdict.denial)
  const commitment = await connection.hooks.commit('onPlayAccepted', verdict.event)
  if (netStream.playback !== before) {
    commitment.undo()
    return fail(connection, netStream, 'what was played has ended meanwhile')
  }
  if (commitment.denial) return netStream.deny(commitment.denial)
  let playback: Playback
  try {
    playback = await openPlayback(connection, netStream, verdict.event)
  } catch {
    commitment.undo()
    return fail(connection, netStream, 'internal error')
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

function fail(connection: NetConnection, netStream: NetStream, description: string): void {
  connection.sendStatus(netStream.id, 'NetStream.Play.Failed', description)
}
