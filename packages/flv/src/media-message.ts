/** An RTMP message that an FLV file can hold; its body is byte for byte that of a tag (FLV 10.1 §E.4). */
export interface MediaMessage {
  /** 8 audio, 9 video, 18 data (AMF0). */
  readonly messageTypeId: number
  /** The NetStream it belongs to; 0 when it comes from a file. */
  readonly messageStreamId: number
  /** Milliseconds, unsigned 32 bit. */
  readonly timestamp: number
  /** The body. Shared between consumers: never write into it. */
  readonly payload: Buffer
  /** True on the first message after a hole or a change of source. */
  readonly discontinuity?: boolean
}
