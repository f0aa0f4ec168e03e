import { CapsEx, type EnhancedCapabilities, FourCcInfo } from '@rtmpipe/flv'

const everyCodec: ReadonlyMap<string, number> = new Map([['*', FourCcInfo.CanForward]])

/** Our capabilities of Enhanced RTMP, in both roles: every codec is forwarded, none is encoded or decoded. */
export const forwardedCapabilities: EnhancedCapabilities = {
  fourCcList: ['*'],
  videoFourCcInfoMap: everyCodec,
  audioFourCcInfoMap: everyCodec,
  capsEx: CapsEx.Reconnect | CapsEx.Multitrack | CapsEx.ModEx | CapsEx.TimestampNanoOffset,
}
