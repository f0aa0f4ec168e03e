/** What a chunk is (RFC 7016 §2.3). Others are ignored. */
export const ChunkType = {
  Ping: 0x01,
  SessionCloseRequest: 0x0c,
  ForwardedInitiatorHello: 0x0f,
  UserData: 0x10,
  NextUserData: 0x11,
  BufferProbe: 0x18,
  InitiatorHello: 0x30,
  InitiatorInitialKeying: 0x38,
  PingReply: 0x41,
  SessionCloseAcknowledgement: 0x4c,
  AcknowledgementBitmap: 0x50,
  AcknowledgementRanges: 0x51,
  FlowException: 0x5e,
  ResponderHello: 0x70,
  Redirect: 0x71,
  ResponderInitialKeying: 0x78,
  CookieChange: 0x79,
  PacketFragment: 0x7f,
} as const
export type ChunkType = (typeof ChunkType)[keyof typeof ChunkType]
