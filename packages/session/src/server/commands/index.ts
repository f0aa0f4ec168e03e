import type { Command } from '../../protocol/command.ts'
import type { NetConnection } from '../net-connection.ts'
import { fcPublish, fcSubscribe, fcUnpublish, fcUnsubscribe, releaseStream } from './announce.ts'
import { call, callAnswer } from './call.ts'
import { closeStream } from './close-stream.ts'
import { connect } from './connect.ts'
import { createStream } from './create-stream.ts'
import { deleteStream } from './delete-stream.ts'
import { pause, receiveAudio, receiveVideo, seek } from './playback-control.ts'
import { play } from './play.ts'
import { play2 } from './play2.ts'
import { publish } from './publish.ts'
import { setPeerInfo } from './set-peer-info.ts'
import { acknowledge, checkBandwidth, checkBandwidthOfFlash, getStreamLength, ignore } from './queries.ts'

/** Acts on one command; a promise asks to wait before the next message of the same connection. */
export type CommandHandler = (connection: NetConnection, command: Command) => void | Promise<void>

const commandHandlers: Readonly<Record<string, CommandHandler>> = {
  connect,
  createStream,
  deleteStream,
  closeStream,
  releaseStream,
  FCPublish: fcPublish,
  FCUnpublish: fcUnpublish,
  FCSubscribe: fcSubscribe,
  FCUnsubscribe: fcUnsubscribe,
  publish,
  play,
  play2,
  pause,
  pauseRaw: pause,
  seek,
  receiveAudio,
  receiveVideo,
  getStreamLength,
  _checkbw: checkBandwidth,
  checkBandwidth: checkBandwidthOfFlash,
  onBWDone: ignore,
  receiveVideoFPS: acknowledge,
  bufferTime: acknowledge,
  setPeerInfo,
  _result: callAnswer,
  _error: callAnswer,
  onStatus: ignore,
}

/** The commands that have a handler of their own. */
export const commandNames: readonly string[] = Object.keys(commandHandlers)

/** The handler of a command a client may send, by its name on the wire. All others are calls. */
export function commandHandler(name: string): CommandHandler {
  return (Object.hasOwn(commandHandlers, name) && commandHandlers[name]) || call
}
