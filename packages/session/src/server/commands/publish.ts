import { userControl } from '@rtmpipe/chunk-stream'
import { type Command, stringOf } from '../../protocol/command.ts'
import { Context } from '../../contract/context.ts'
import { deny, type Refusal } from '../../contract/denial.ts'
import type { PublishingType } from '../../contract/info.ts'
import { status } from '../../protocol/status.ts'
import { isBadName, streamTarget } from '../../protocol/stream-target.ts'
import type { NetConnection } from '../net-connection.ts'
import { Publication } from '../publication.ts'
import { vacate } from './vacate.ts'
import { refuseWithoutNetStream } from './without-net-stream.ts'
import { answerAnnouncement } from './announce.ts'

/** NetStream.publish (RTMP 1.0 §7.2.2.6). Gates are asked before any success reply is sent. */
export async function publish(connection: NetConnection, command: Command): Promise<void> {
  const netStream = connection.netStream(command.messageStreamId)
  if (netStream === undefined) return refuseWithoutNetStream(connection, command, 'publish', 'NetStream.Failed')
  const name = stringOf(command.args[0])
  const target = streamTarget(connection.target, name)
  if (isBadName(target)) {
    const asked = { app: connection.app, streamName: name }
    return netStream.refuse('publish', asked, deny('NetStream.Publish.BadName', target.fault))
  }
  const refuse = (refusal: Refusal) => netStream.refuse('publish', target, refusal)
  const { app, streamName, query, rawQuery } = target
  const publishingType = publishingTypeOf(command)
  const request = netStream.request('publish', streamName)
  netStream.clearPlaylist()
  const context = new Context(connection.context)
  const verdict = await connection.hooks.gate('onPublish', { connection, ...target, publishingType, context })
  if (!netStream.stillWanted(request)) return
  if (verdict.denial) return refuse(verdict.denial)
  let settle: (() => void) | undefined
  const commitment = await connection.hooks.commit('onPublishAccepted', verdict.event, async () => {
    settle = await vacate(connection, app, verdict.event.streamName)
    return settle
  })
  if (!netStream.stillWanted(request)) return commitment.undo()
  if (commitment.denial) return refuse(commitment.denial)

  const stream = connection.server.streams.open(app, verdict.event.streamName)
  settle ??= connection.server.sharedSources.makeWay(stream)
  if (stream.isPublishing) {
    settle?.()
    commitment.undo()
    return refuse(deny('NetStream.Publish.BadName', `${streamName} is being published already`))
  }
  const publication = new Publication(
    netStream,
    connection,
    { query, rawQuery, publishingType, context, streamName: verdict.event.streamName },
    stream,
  )
  netStream.publishing(publication)
  try {
    if (!publication.start()) return commitment.undo()
  } catch {
    commitment.undo()
    return refuse(deny('NetStream.Failed', 'internal error'))
  } finally {
    settle?.()
  }
  connection.send(userControl({ type: 'StreamBegin', messageStreamId: netStream.id }))
  const info = status('NetStream.Publish.Start', `${streamName} is now published`)
  answerAnnouncement(connection, name, info)
  connection.sendStatus(netStream.id, info.code, info.description)
  publication.announce()
}

/** An absent or unknown type is `live`. */
function publishingTypeOf(command: Command): PublishingType {
  const type = stringOf(command.args[1]).toLowerCase()
  return type === 'record' ? 'record' : type === 'append' || type === 'appendwithgap' ? 'append' : 'live'
}
