import { userControl } from '@rtmpipe/chunk-stream'
import type { AmfValue } from '@rtmpipe/amf'
import { type Command, stringOf } from '../../protocol/command.ts'
import { Context } from '../../contract/context.ts'
import { deny, type Refusal } from '../../contract/denial.ts'
import type { PlayEvent } from '../../contract/plugin.ts'
import { shownName } from '../../protocol/shown-name.ts'
import { type BadName, isBadName, streamTarget } from '../../protocol/stream-target.ts'
import { LivePlayback } from '../play/live-playback.ts'
import type { NetConnection } from '../net-connection.ts'
import type { NetStream } from '../net-stream.ts'
import { discardSource } from '../../hooks/discard.ts'
import type { Playback } from '../play/playback.ts'
import { PrivatePlayback } from '../play/private-playback.ts'
import { type RefusedName, tellRefusal } from '../../hooks/tell-refusal.ts'
import { refuseWithoutNetStream } from './without-net-stream.ts'

type PlayQuestion = Omit<PlayEvent, 'signal' | 'context'> & { readonly context: Context }

/** What is to be played. */
export type PlayItem = Omit<PlayQuestion, 'connection' | 'context' | 'isLive'>

/** NetStream.play (RTMP 1.0 §7.2.2.1). Gates are asked before any success reply is sent. */
export function play(connection: NetConnection, command: Command): void | Promise<void> {
  const netStream = connection.netStream(command.messageStreamId)
  if (netStream === undefined) return refuseWithoutNetStream(connection, command, 'play', 'NetStream.Play.Failed')
  const [name, start, duration, reset] = command.args
  const item = playItem(connection, name, start, duration)
  if (isBadName(item)) {
    const asked = { app: connection.app, streamName: stringOf(name) }
    return netStream.refuse('play', asked, deny('NetStream.Play.Failed', item.fault))
  }
  if (reset !== false && reset !== 0) return startPlay(connection, netStream, item, true)
  return appendPlay(connection, netStream, item)
}

/** What is to be played by the arguments of a command. */
export function playItem(
  connection: NetConnection,
  name: AmfValue,
  start: AmfValue,
  duration: AmfValue,
): PlayItem | BadName {
  const target = streamTarget(connection.target, stringOf(name))
  if (isBadName(target)) return target
  return { ...target, start: startOf(start), duration: durationOf(duration) }
}

/** Plays it after the end of what is played now, or at once if nothing is played. */
export function appendPlay(connection: NetConnection, netStream: NetStream, item: PlayItem): void | Promise<void> {
  if (netStream.playback === undefined) return startPlay(connection, netStream, item, false)
  if (netStream.enqueue(() => startPlay(connection, netStream, item, false))) return
  failPlay(connection, netStream, 'play', item, 'the playlist is full')
}

/** Tells that something can't be played; what is played goes on. */
export function failPlay(
  connection: NetConnection,
  netStream: NetStream,
  what: 'play' | 'play2',
  asked: RefusedName,
  description: string,
): void {
  const code = 'NetStream.Play.Failed'
  tellRefusal(connection, what, asked, deny(code, description))
  connection.sendStatus(netStream.id, code, description)
}

/** Plays it instead of what is played now. @param resets empties the playlist and tells the client so */
export async function startPlay(
  connection: NetConnection,
  netStream: NetStream,
  item: PlayItem,
  resets: boolean,
): Promise<void> {
  const refuse = (refusal: Refusal) => netStream.refuse('play', item, refusal)
  if (resets) netStream.clearPlaylist()
  const request = netStream.request('play', item.streamName)
  const verdict = await connection.hooks.gate('onPlay', question(connection, item))
  if (!netStream.stillWanted(request)) return
  if (verdict.denial) return refuse(verdict.denial)
  const commitment = await connection.hooks.commit('onPlayAccepted', verdict.event)
  if (!netStream.stillWanted(request)) return commitment.undo()
  if (commitment.denial) return refuse(commitment.denial)

  let playback: Playback
  try {
    playback = await openPlayback(connection, netStream, verdict.event)
  } catch {
    commitment.undo()
    return refuse(deny('NetStream.Play.Failed', 'internal error'))
  }
  if (!netStream.stillWanted(request)) {
    commitment.undo()
    return playback.stop()
  }
  netStream.playing(playback)
  // A private source counts as a recording.
  if (playback.stream === undefined) {
    connection.send(userControl({ type: 'StreamIsRecorded', messageStreamId: netStream.id }))
  }
  connection.send(userControl({ type: 'StreamBegin', messageStreamId: netStream.id }))
  if (resets) connection.sendStatus(netStream.id, 'NetStream.Play.Reset', `playing and resetting ${item.streamName}`)
  connection.sendStatus(netStream.id, 'NetStream.Play.Start', `started playing ${item.streamName}`)
  try {
    if (!playback.start()) commitment.undo()
  } catch {
    commitment.undo()
    refuse(deny('NetStream.Failed', 'internal error'))
  }
}

/** For the gate. */
export function question(connection: NetConnection, item: PlayItem): PlayQuestion {
  return { connection, ...item, isLive: isLive(connection, item), context: new Context(connection.context) }
}

/** @throws PluginError when a source hook throws, whatever a shared source throws */
export async function openPlayback(
  connection: NetConnection,
  netStream: NetStream,
  event: PlayQuestion,
): Promise<Playback> {
  const { app, streamName, query, rawQuery, context, duration } = event
  const request = { app, streamName, query, rawQuery, context, duration }
  // Plugins may have renamed the stream meanwhile.
  let source = await connection.hooks.source({ ...event, isLive: isLive(connection, event) })
  if (source?.kind === 'private' && event.start === 'live') {
    discardSource(source.messages)
    source = undefined
  }
  if (source?.kind === 'private') return new PrivatePlayback(netStream, connection, request, source)
  const stream = connection.server.streams.open(app, streamName)
  try {
    if (source !== undefined) connection.server.sharedSources.feed(stream, source)
  } catch (error) {
    connection.log.error({ app, stream: shownName(streamName), err: error }, 'the shared source could not be opened')
    connection.server.streams.forgetIdle(stream)
    throw error
  }
  return new LivePlayback(netStream, connection, request, stream)
}

function isLive(connection: NetConnection, { app, streamName }: Pick<PlayItem, 'app' | 'streamName'>): boolean {
  return connection.server.streams.get(app, streamName)?.isLive === true
}

/** Clients send -2 and -1 (RTMP 1.0 §7.2.2.1), or the same times 1,000, as librtmp does. */
function startOf(value: AmfValue): PlayEvent['start'] {
  if (typeof value !== 'number' || Number.isNaN(value)) return 'any'
  if (value >= 0) return value
  return value === -1 || value === -1000 ? 'live' : 'any'
}

function durationOf(value: AmfValue): number | undefined {
  return typeof value === 'number' && value >= 0 ? value : undefined
}
