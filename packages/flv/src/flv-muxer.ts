import { dataBody } from './data-body.ts'
import { FlvError } from './errors.ts'
import type { MediaMessage } from './media-message.ts'
import { mendedMetadata } from './mended-metadata.ts'
import { TagType } from './tag-type.ts'

const tagHeaderLength = 11
const maxTagSize = 0xff_ffff
const audioFlag = 0x04
const videoFlag = 0x01

/** What the header of an FLV file says of its contents. */
export interface FlvHeader {
  /** True if there are audio tags. Default true. */
  readonly hasAudio?: boolean
  /** True if there are video tags. Default true. */
  readonly hasVideo?: boolean
}

/** Messages to FLV bytes; no stream in it. Timestamps are written as they are: see {@link FlvMuxStage} for recordings. */
export class FlvMuxer {
  /** The file header with the back pointer after it: 13 bytes (FLV 10.1 §E.2). */
  header({ hasAudio = true, hasVideo = true }: FlvHeader = {}): Buffer {
    const header = Buffer.from('464c5601000000000900000000', 'hex')
    header[4] = (hasAudio ? audioFlag : 0) | (hasVideo ? videoFlag : 0)
    return header
  }

  /**
   * One tag with its back pointer (FLV 10.1 §E.4.1). Data messages lose their `@setDataFrame`, those in AMF3 (15) also
   * their format byte; metadata without its end gets one. Throws {@link FlvError} `RTMP_ERR_FLV_MESSAGE_TYPE` or `RTMP_ERR_FLV_TAG_SIZE`.
   */
  tag(message: MediaMessage): Buffer {
    const type = tagTypeOf(message.messageTypeId)
    if (type === undefined) {
      throw new FlvError('RTMP_ERR_FLV_MESSAGE_TYPE', `FLV has no tag for messages of type ${message.messageTypeId}`)
    }
    const { payload } = message
    const body = type === TagType.Script ? (mendedMetadata(payload) ?? dataBody(payload)) : payload
    if (body.length > maxTagSize) {
      throw new FlvError('RTMP_ERR_FLV_TAG_SIZE', `a tag of ${body.length} bytes exceeds ${maxTagSize}`)
    }
    const tag = Buffer.allocUnsafe(tagHeaderLength + body.length + 4)
    tag[0] = type
    tag.writeUIntBE(body.length, 1, 3)
    tag.writeUIntBE(message.timestamp & 0xff_ffff, 4, 3)
    tag[7] = message.timestamp >>> 24
    tag.writeUIntBE(0, 8, 3)
    tag.set(body, tagHeaderLength)
    tag.writeUInt32BE(tagHeaderLength + body.length, tagHeaderLength + body.length)
    return tag
  }
}

/** The type of tag a message becomes; undefined if FLV cannot hold it. */
export function tagTypeOf(messageTypeId: number): TagType | undefined {
  switch (messageTypeId) {
    case TagType.Audio:
    case TagType.Video:
    case TagType.Script:
      return messageTypeId
    case TagType.ScriptAmf3:
      return TagType.Script
    default:
      return undefined
  }
}
