/** CodecID of a legacy video message (FLV 10.1 §E.4.3.1). */
export const VideoCodecId = {
  SorensonH263: 2,
  ScreenVideo: 3,
  Vp6: 4,
  Vp6Alpha: 5,
  ScreenVideo2: 6,
  Avc: 7,
  /** In no specification, but sent by some encoders and CDNs. */
  Hevc: 12,
  /** In no specification, but sent by some encoders and CDNs. */
  Av1: 13,
} as const

export type VideoCodecId = (typeof VideoCodecId)[keyof typeof VideoCodecId]

/** SoundFormat of an audio message (FLV 10.1 §E.4.2.1). */
export const SoundFormat = {
  PcmPlatformEndian: 0,
  AdPcm: 1,
  Mp3: 2,
  PcmLittleEndian: 3,
  Nellymoser16k: 4,
  Nellymoser8k: 5,
  Nellymoser: 6,
  G711ALaw: 7,
  G711MuLaw: 8,
  /** An Enhanced message follows. */
  ExHeader: 9,
  Aac: 10,
  Speex: 11,
  Mp3At8k: 14,
  Device: 15,
} as const

export type SoundFormat = (typeof SoundFormat)[keyof typeof SoundFormat]

/** True for video with a packet type and a composition time after its first byte. */
export function hasAvcHeader(codecId: number): boolean {
  return codecId === VideoCodecId.Avc || codecId === VideoCodecId.Hevc || codecId === VideoCodecId.Av1
}
