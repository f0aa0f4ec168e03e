import { ChunkType } from '@rtmpipe/transport-rtmfp/wire'

/** As RFC 7016 §2.3 calls them, in short. */
const names: Record<keyof typeof ChunkType, string> = {
  Ping: 'Ping',
  SessionCloseRequest: 'SessionClose',
  ForwardedInitiatorHello: 'FIHello',
  UserData: 'UserData',
  NextUserData: 'NextUserData',
  BufferProbe: 'BufferProbe',
  InitiatorHello: 'IHello',
  InitiatorInitialKeying: 'IIKeying',
  PingReply: 'PingReply',
  SessionCloseAcknowledgement: 'SessionCloseAck',
  AcknowledgementBitmap: 'AckBitmap',
  AcknowledgementRanges: 'AckRanges',
  FlowException: 'FlowException',
  ResponderHello: 'RHello',
  Redirect: 'Redirect',
  ResponderInitialKeying: 'RIKeying',
  CookieChange: 'RHelloCookieChange',
  PacketFragment: 'PacketFragment',
}

const known = new Map<number, string>(
  Object.entries(ChunkType).map(([key, id]) => [id, names[key as keyof typeof ChunkType]]),
)

/** The name of a chunk's type; `Chunk4d` and the like for those that are passed over. */
export function chunkName(typeId: number): string {
  return known.get(typeId) ?? `Chunk${typeId.toString(16).padStart(2, '0')}`
}
