import type { Command } from '../../command.ts'
import type { NetConnection } from '../net-connection.ts'
import { fcPublish, fcSubscribe, fcUnpublish, releaseStream } from './announce.ts'
import { call } from './call.ts'
import { closeStream } from './close-stream.ts'
import { connect } from './connect.ts'
import { createStream } from './create-stream.ts'
import { deleteStream } from './delete-stream.ts'
import { pause, receiveAudio, receiveVideo, seek } from './playback-control.ts'
import { play } from './play.ts'
import { publish } from './publish.ts'
import { checkBandwidth, getStreamLength } from './queries.ts'

/** Acts on one command; a promise asks to wait before the next message of the same connection. */
export type CommandHandler = (connection: NetConnection, command: Command) => void | Promise<void>

/** Every command a client may send, by its name on the wire. All others are calls. */
export const commandHandlers: Readonly<Record<string, CommandHandler>> = {
  connect,
  createStream,
  deleteStream,
  closeStream,
  releaseStream,
  FCPublish: fcPublish,
  FCUnpublish: fcUnpublish,
  FCSubscribe: fcSubscribe,
  publish,
  play,
  pause,
  seek,
  receiveAudio,
  receiveVideo,
  getStreamLength,
  _checkbw: checkBandwidth,
  call,
}
