import { userControl } from '@rtmpipe/chunk-stream'
import type { AmfValue } from '@rtmpipe/amf'
import { type Command, stringOf } from '../../command.ts'
import { deny } from '../../denial.ts'
import type { PlayEvent } from '../../plugin.ts'
import { streamTarget } from '../../stream-target.ts'
import { LivePlayback } from '../live-playback.ts'
import type { NetConnection } from '../net-connection.ts'
import type { NetStream } from '../net-stream.ts'
import type { Playback } from '../playback.ts'
import { PrivatePlayback } from '../private-playback.ts'

type PlayQuestion = Omit<PlayEvent, 'signal'>

/** NetStream.play (RTMP 1.0 §7.2.2.1). Gates are asked before any success reply is sent. */
export async function play(connection: NetConnection, command: Command): Promise<void> {
  const netStream = connection.netStream(command.messageStreamId)
  if (netStream === undefined) return
  const [name, start, duration, reset] = command.args
  const target = streamTarget(connection.target, stringOf(name))
  const request = netStream.request('play')
  const question = { connection, ...target, start: startOf(start), duration: durationOf(duration) }
  const verdict = await connection.context.hooks.gate('onPlay', question)
  if (!netStream.stillWanted(request)) return
  if (verdict.denial) return netStream.deny(verdict.denial)

  let playback: Playback
  try {
    playback = await openPlayback(connection, netStream, verdict.event)
  } catch {
    return netStream.deny(deny('NetStream.Play.Failed', 'internal error'))
  }
  if (!netStream.stillWanted(request)) return playback.stop()
  netStream.playing(playback)
  connection.send(userControl({ type: 'StreamBegin', messageStreamId: netStream.id }))
  if (reset !== false && reset !== 0) {
    connection.sendStatus(netStream.id, 'NetStream.Play.Reset', `playing and resetting ${target.streamName}`)
  }
  connection.sendStatus(netStream.id, 'NetStream.Play.Start', `started playing ${target.streamName}`)
  try {
    playback.start()
  } catch {
    netStream.deny(deny('NetStream.Failed', 'internal error'))
  }
}

async function openPlayback(connection: NetConnection, netStream: NetStream, event: PlayQuestion): Promise<Playback> {
  const { app, streamName, query } = event
  const request = { app, streamName, query }
  const source = await connection.context.hooks.source(event)
  if (source?.kind === 'private') return new PrivatePlayback(netStream, connection, request, source)
  const stream = connection.context.streams.open(app, streamName)
  try {
    if (source !== undefined) connection.context.sharedSources.feed(stream, source)
  } catch (error) {
    connection.log.error({ app, stream: streamName, err: error }, 'the shared source could not be opened')
    connection.context.streams.release(stream)
    throw error
  }
  return new LivePlayback(netStream, connection, request, stream)
}

/** Clients send -2 and -1, or the same in milliseconds (protocol.md §6.6). */
function startOf(value: AmfValue): PlayEvent['start'] {
  if (typeof value !== 'number' || Number.isNaN(value)) return 'any'
  if (value >= 0) return value
  return value === -1 || value === -1000 ? 'live' : 'any'
}

function durationOf(value: AmfValue): number | undefined {
  return typeof value === 'number' && value >= 0 ? value : undefined
}
