import type { AmfObject } from '@rtmpipe/amf'
import {
  BandwidthLimitType,
  setChunkSize,
  setPeerBandwidth,
  userControl,
  windowAcknowledgementSize,
} from '@rtmpipe/chunk-stream'
import { type Command, errorMessage, objectOf, resultMessage, stringOf } from '../../command.ts'
import { status } from '../../status.ts'
import { appTarget } from '../../stream-target.ts'
import type { NetConnection } from '../net-connection.ts'

/** What ffmpeg, librtmp and others use as well; bytes. */
const windowSize = 2_500_000
/** Large enough that media is seldom cut, sent before the result because OBS wants it there. */
const outgoingChunkSize = 60_000

/** NetConnection.connect (RTMP 1.0 §7.2.1.1). */
export async function connect(connection: NetConnection, command: Command): Promise<void> {
  connection.transition('connect')
  const commandObject = objectOf(command.commandObject)
  connection.tcUrl = stringOf(commandObject['tcUrl'])
  connection.flashVer = stringOf(commandObject['flashVer']).slice(0, 128)
  connection.target = appTarget(stringOf(commandObject['app']), connection.tcUrl)
  const { app, query } = connection.target
  const event = { connection, app, query, commandObject, args: command.args, response: {} as AmfObject }
  const verdict = await connection.context.hooks.gate('onConnect', event)
  if (connection.state !== 'connecting' || connection.isEnding) return
  if (verdict.denial) {
    const { code, description } = verdict.denial
    connection.send(errorMessage(command, status(code, description)))
    return connection.end()
  }
  connection.transition('accept')
  const { response = {} } = verdict.event as { response?: AmfObject }
  accept(connection, command, response)
}

/** The order is the one every client takes (protocol.md §6.4). */
function accept(connection: NetConnection, command: Command, response: AmfObject): void {
  connection.send(windowAcknowledgementSize(windowSize))
  connection.send(setPeerBandwidth(windowSize, BandwidthLimitType.Dynamic))
  connection.send(setChunkSize(outgoingChunkSize))
  connection.send(userControl({ type: 'StreamBegin', messageStreamId: 0 }))
  const properties = { fmsVer: 'FMS/3,5,7,7009', capabilities: 31, mode: 1 }
  // AMF0, whatever was asked for: a client that is told so keeps to it.
  const info = { ...status('NetConnection.Connect.Success', 'Connection succeeded.'), objectEncoding: 0, ...response }
  connection.send(resultMessage(command, properties, info))
  connection.log.info({ app: connection.app, flashVer: connection.flashVer }, 'connected')
}
