import { CapsEx, type EnhancedCapabilities, FourCcInfo } from '@rtmpipe/flv'

const everyCodec: ReadonlyMap<string, number> = new Map([['*', FourCcInfo.CanForward]])

/** What we know of Enhanced RTMP, in both roles: whatever the codec, it is passed on and neither made nor shown. */
export const forwardedCapabilities: EnhancedCapabilities = {
  fourCcList: ['*'],
  videoFourCcInfoMap: everyCodec,
  audioFourCcInfoMap: everyCodec,
  capsEx: CapsEx.Reconnect | CapsEx.Multitrack | CapsEx.ModEx | CapsEx.TimestampNanoOffset,
}
