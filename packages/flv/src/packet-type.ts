/** Frame types of a video message (FLV 10.1 §E.4.3.1). */
export const VideoFrameType = {
  Key: 1,
  Inter: 2,
  /** An inter frame no other depends on. */
  Disposable: 3,
  /** A keyframe made by a server. */
  GeneratedKey: 4,
  /** No picture: the start or end of a seek. */
  Command: 5,
} as const

export type VideoFrameType = (typeof VideoFrameType)[keyof typeof VideoFrameType]

/** What a video message carries (Enhanced RTMP v2, "Enhanced Video"); 0 to 2 are also those of legacy AVC. */
export const VideoPacketType = {
  SequenceStart: 0,
  CodedFrames: 1,
  SequenceEnd: 2,
  /** Coded frames whose composition time is 0. */
  CodedFramesX: 3,
  Metadata: 4,
  Mpeg2TsSequenceStart: 5,
  Multitrack: 6,
  ModEx: 7,
} as const

export type VideoPacketType = (typeof VideoPacketType)[keyof typeof VideoPacketType]

/** What an audio message carries (Enhanced RTMP v2, "Enhanced Audio"); 0 and 1 are also those of legacy AAC. */
export const AudioPacketType = {
  SequenceStart: 0,
  CodedFrames: 1,
  SequenceEnd: 2,
  MultichannelConfig: 4,
  Multitrack: 5,
  ModEx: 7,
} as const

export type AudioPacketType = (typeof AudioPacketType)[keyof typeof AudioPacketType]

/** How the tracks of a multitrack message are laid out (Enhanced RTMP v2, AvMultitrackType). */
export const MultitrackType = {
  OneTrack: 0,
  ManyTracks: 1,
  /** Every track names its own codec. */
  ManyTracksManyCodecs: 2,
} as const

export type MultitrackType = (typeof MultitrackType)[keyof typeof MultitrackType]

/** What a ModEx packet modifies (Enhanced RTMP v2, "ModEx"); the same for audio and video. */
export const ModExType = {
  TimestampOffsetNano: 0,
} as const

export type ModExType = (typeof ModExType)[keyof typeof ModExType]

/** What a video message with frame type 5 asks of the decoder (FLV 10.1 §E.4.3.1). */
export const VideoCommand = {
  /** The player begins to seek: decode, but show nothing. */
  StartSeek: 0,
  EndSeek: 1,
} as const

export type VideoCommand = (typeof VideoCommand)[keyof typeof VideoCommand]
