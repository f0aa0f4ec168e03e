import { type Command, onStatus } from '../../protocol/command.ts'
import { shownName } from '../../protocol/shown-name.ts'
import type { NetConnection } from '../net-connection.ts'
import type { Playback } from '../play/playback.ts'

/** NetStream.pause (RTMP 1.0 §7.2.2.8). */
export function pause(connection: NetConnection, command: Command): void {
  const playback = connection.netStream(command.messageStreamId)?.playback
  if (playback === undefined) return
  const paused = command.args[0] === true
  const code = paused ? 'NetStream.Pause.Notify' : 'NetStream.Unpause.Notify'
  connection.sendStatus(command.messageStreamId, code, `${playback.streamName} is ${paused ? 'paused' : 'going on'}`)
  playback.pause(paused)
}

/** NetStream.seek (RTMP 1.0 §7.2.2.7). Milliseconds; a live stream has no positions. */
export async function seek(connection: NetConnection, command: Command): Promise<void> {
  const stream = connection.netStream(command.messageStreamId)
  const playback = stream?.playback
  if (stream === undefined || playback === undefined) return
  const [wanted] = command.args
  const position = typeof wanted === 'number' && wanted >= 0 ? await seekTo(connection, playback, wanted) : undefined
  if (stream.playback !== playback) return
  if (position === undefined) {
    connection.send(onStatus(stream.id, 'NetStream.Seek.Failed', `can't seek in ${playback.streamName}`))
    return
  }
  connection.sendStatus(stream.id, 'NetStream.Seek.Notify', `seeking ${position}`)
  connection.sendStatus(stream.id, 'NetStream.Play.Start', `playing ${playback.streamName} from ${position}`)
}

/** If a source fails to seek, that is a bug of its plugin: playing goes on at the present position. */
async function seekTo(connection: NetConnection, playback: Playback, timestamp: number): Promise<number | undefined> {
  try {
    return await playback.seek(timestamp)
  } catch (error) {
    connection.log.error({ stream: shownName(playback.streamName), err: error }, 'the source failed to seek')
    return undefined
  }
}

/** NetStream.receiveAudio (RTMP 1.0 §7.2.2.4). */
export function receiveAudio(connection: NetConnection, command: Command): void {
  receive(connection, command, 'audio')
}

/** NetStream.receiveVideo (RTMP 1.0 §7.2.2.5). */
export function receiveVideo(connection: NetConnection, command: Command): void {
  receive(connection, command, 'video')
}

/** May come before `play`. An answer is sent only when media is wanted again. */
function receive(connection: NetConnection, command: Command, kind: 'audio' | 'video'): void {
  const stream = connection.netStream(command.messageStreamId)
  if (stream === undefined) return
  const wanted = command.args[0] !== false
  if (wanted && stream.playback !== undefined) {
    const { streamName } = stream.playback
    connection.sendStatus(stream.id, 'NetStream.Seek.Notify', `${kind} of ${streamName} comes`)
    connection.sendStatus(stream.id, 'NetStream.Play.Start', `playing ${streamName}`)
  }
  stream.receive(kind, wanted)
}
