import { FlvError } from './errors.ts'
import { packetTypeAt } from './mod-ex.ts'
import { type ModEx, readModEx, writeModEx } from './mod-ex-packet.ts'
import { VideoFrameType, VideoPacketType } from './packet-type.ts'
import { requireRoom } from './require-room.ts'

/** Frame type 5: what the decoder is to do, without a picture (FLV 10.1 §E.4.3.1, Enhanced RTMP v2 "Enhanced Video"). */
export interface VideoCommandTag {
  readonly kind: 'command'
  /** Whether it is a message of Enhanced RTMP. */
  readonly enhanced: boolean
  /** A `VideoCommand`; 0 to 255. */
  readonly command: number
  /** Of no meaning here. If Enhanced it is a packet type, but not Metadata or ModEx; 0 to 15. */
  readonly codecIdOrPacketType: number
  /** Empty if not Enhanced. */
  readonly modEx: readonly ModEx[]
}

const enhancedBit = 0x8

/** Undefined if it is not one byte after the header, or Enhanced metadata, which may have any frame type. */
export function parseVideoCommand(payload: Uint8Array): VideoCommandTag | undefined {
  const enhanced = payload[0]! >= 0x80
  const at = enhanced ? packetTypeAt(payload) : 0
  const command = payload[at + 1]
  if (at < 0 || command === undefined || payload.length !== at + 2) return undefined
  const codecIdOrPacketType = payload[at]! & 0x0f
  if (enhanced && codecIdOrPacketType === VideoPacketType.Metadata) return undefined
  return { kind: 'command', enhanced, command, codecIdOrPacketType, modEx: enhanced ? readModEx(payload, at) : [] }
}

/** Throws {@link FlvError} `RTMP_ERR_FLV_TAG_SIZE`. */
export function encodeVideoCommand({ enhanced, command, codecIdOrPacketType, modEx }: VideoCommandTag): Buffer {
  requireRoom('command', command, 255)
  requireRoom('codec id or packet type', codecIdOrPacketType, 15)
  const isOther = codecIdOrPacketType === VideoPacketType.Metadata || codecIdOrPacketType === VideoPacketType.ModEx
  if (enhanced && isOther) {
    throw new FlvError('RTMP_ERR_FLV_TAG_SIZE', `no room for a command in packet type ${codecIdOrPacketType}`)
  }
  if (!enhanced) requireRoom('number of ModEx packets', modEx.length, 0)
  const nibble = VideoFrameType.Command | (enhanced ? enhancedBit : 0)
  return Buffer.concat([writeModEx(nibble, modEx, codecIdOrPacketType), Uint8Array.of(command)])
}
