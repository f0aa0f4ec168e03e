import { type AmfObject, EcmaArray } from '@rtmpipe/amf'
import {
  BandwidthLimitType,
  setChunkSize,
  setPeerBandwidth,
  userControl,
  windowAcknowledgementSize,
} from '@rtmpipe/chunk-stream'
import { type EnhancedCapabilities, formatEnhancedCapabilities, parseEnhancedCapabilities } from '@rtmpipe/flv'
import type { ObjectEncoding } from '../../protocol/amf3-messages.ts'
import { forwardedCapabilities } from '../../protocol/forwarded-capabilities.ts'
import { type Command, errorMessage, objectOf, resultMessage, stringOf } from '../../protocol/command.ts'
import { outgoingChunkSize, windowSize } from '../../protocol/sizes.ts'
import { status } from '../../protocol/status.ts'
import { appTarget, isBadName } from '../../protocol/stream-target.ts'
import { deny, type Refusal } from '../../contract/denial.ts'
import type { NetConnection } from '../net-connection.ts'
import { tellRefusal } from '../../hooks/tell-refusal.ts'

/** A version that clients know; some look for features by it. */
const version = '3,5,7,7009'

/**
 * Messages sent before every answer, behind the window of acknowledgements, in an order that every client accepts: OBS wants
 * the chunk size before the result.
 */
const preamble = [
  setPeerBandwidth(windowSize, BandwidthLimitType.Dynamic),
  setChunkSize(outgoingChunkSize),
  userControl({ type: 'StreamBegin', messageStreamId: 0 }),
]

/** NetConnection.connect (RTMP 1.0 §7.2.1.1). */
export async function connect(connection: NetConnection, command: Command): Promise<void> {
  connection.transition('connect')
  const commandObject = objectOf(command.commandObject)
  connection.tcUrl = stringOf(commandObject['tcUrl'])
  connection.flashVer = stringOf(commandObject['flashVer']).slice(0, 128)
  const app = stringOf(commandObject['app'])
  const target = appTarget(app, connection.tcUrl)
  if (isBadName(target)) return refuse(connection, command, app, deny('NetConnection.Connect.InvalidApp', target.fault))
  connection.target = target
  connection.capabilities = parseEnhancedCapabilities(commandObject)
  const event = { connection, ...connection.target, commandObject, args: command.args, response: {} as AmfObject }
  const verdict = await connection.hooks.gate('onConnect', event)
  if (connection.state !== 'connecting' || connection.isEnding) return
  if (verdict.denial) return refuse(connection, command, target.app, verdict.denial)
  const commitment = await connection.hooks.commit('onConnectAccepted', verdict.event)
  if (connection.state !== 'connecting' || connection.isEnding) return commitment.undo()
  if (commitment.denial) return refuse(connection, command, target.app, commitment.denial)
  connection.transition('accept')
  const { response } = verdict.event
  accept(connection, command, response, commandObject['objectEncoding'] === 3 ? 3 : 0)
}

function refuse(connection: NetConnection, command: Command, app: string, refusal: Refusal): void {
  const { code, description, info } = refusal
  tellRefusal(connection, 'connect', { app }, refusal)
  connection.send(errorMessage(command, status(code, description), info))
  connection.end()
}

function accept(
  connection: NetConnection,
  command: Command,
  response: AmfObject,
  objectEncoding: ObjectEncoding,
): void {
  connection.send(windowAcknowledgementSize(connection.window))
  for (const message of preamble) connection.send(message)
  const info = {
    ...status('NetConnection.Connect.Success', 'Connection succeeded.'),
    objectEncoding,
    data: new EcmaArray({ version }),
    ...answeredCapabilities(connection.capabilities),
    ...response,
  }
  connection.send(resultMessage(command, { fmsVer: `FMS/${version}`, capabilities: 31, mode: 1 }, info))
  // The answer itself is AMF0, which every client understands; only later messages use the encoding that it announces.
  connection.peer.objectEncoding = objectEncoding
  const { app, flashVer, principal } = connection
  connection.log.info({ app, flashVer, ...(principal && { principal: principal.id }) }, 'connected')
}

/** Sent to clients that announce Enhanced RTMP themselves; old Flash players send `videoFunction` alone. */
function answeredCapabilities(asked: EnhancedCapabilities): AmfObject {
  const { fourCcList, videoFourCcInfoMap, audioFourCcInfoMap, capsEx } = asked
  if ((fourCcList ?? videoFourCcInfoMap ?? audioFourCcInfoMap ?? capsEx) === undefined) return {}
  const { fourCcList: ours, ...others } = forwardedCapabilities
  return formatEnhancedCapabilities({ ...others, ...(fourCcList !== undefined && ours && { fourCcList: ours }) })
}
