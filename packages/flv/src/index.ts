/**
 * What is inside RTMP's audio and video messages, and FLV files of them: heads of messages, legacy and Enhanced RTMP, and
 * FLV mux and demux as plain classes and as Transforms.
 *
 * @example
 * ```ts
 * import { createReadStream, createWriteStream } from 'node:fs'
 * import { pipeline } from 'node:stream/promises'
 * import { FlvDemuxStage, FlvMuxStage } from '@rtmpipe/flv'
 *
 * // Repairs back pointers and timestamps, and drops what is no media.
 * await pipeline(createReadStream('in.flv'), new FlvDemuxStage(), new FlvMuxStage(), createWriteStream('out.flv'))
 * ```
 *
 * It does not decode media, keep time (messages come as fast as they are read), or open files:
 * what completes a finished one (duration, index of keyframes) comes as bytes and where to write them.
 *
 * @packageDocumentation
 */
export { type AudioFormat, audioFormatOf } from './audio-format.ts'
export { type AudioHeader, type AudioTrack, parseAudioHeader } from './audio-header.ts'
export { isAudioSequenceHeader, isCodedAudio } from './audio-role.ts'
export { type AudioTag, encodeAudioTag, type ExAudioTag, type LegacyAudioTag, parseAudioTag } from './audio-tag.ts'
export type { AudioCodec, VideoCodec } from './codec.ts'
export type { ColorConfig, ColorInfo, HdrCll, HdrMdcv } from './color-info.ts'
export {
  audioCodecInfo,
  CapsEx,
  type EnhancedCapabilities,
  formatEnhancedCapabilities,
  hasCapsEx,
  parseEnhancedCapabilities,
  VideoFunction,
  videoCodecInfo,
} from './enhanced-capabilities.ts'
export { decoderConfigOf } from './decoder-config.ts'
export { decoderConfigIn } from './decoder-config-in.ts'
export { FlvError, type FlvErrorCode } from './errors.ts'
export type { ExTag, ExTrack } from './ex-tag.ts'
export { FlvDemuxStage } from './flv-demux-stage.ts'
export { FlvDemuxer, type FlvDemuxerOptions } from './flv-demuxer.ts'
export {
  type FlvFacts,
  type FlvKeyframes,
  type FlvMetadataTag,
  type FlvPatch,
  flvCompletion,
  flvKeyframesOf,
  flvMetadataTag,
} from './flv-file-metadata.ts'
export { FlvMuxStage, type FlvMuxStageOptions } from './flv-mux-stage.ts'
export { type FlvHeader, FlvMuxer } from './flv-muxer.ts'
export { type FlvScan, scanFlv } from './flv-scan.ts'
export { type FlvTagHead, flvTagHeadSize, flvTagOverhead, flvTagProbeSize, parseFlvTagHead } from './flv-tag-head.ts'
export type { FlvTail } from './flv-tail.ts'
export { firstFlvTag, type FlvSource, type FlvTag, walkFlvTags } from './flv-tag-walk.ts'
export { AudioFourCc, VideoFourCc } from './four-cc.ts'
export {
  canDecode,
  canEncode,
  canForward,
  FourCcInfo,
  type FourCcInfoMap,
  formatFourCcInfoMap,
  infoOfFourCcList,
  parseFourCcInfoMap,
  parseFourCcList,
} from './four-cc-info.ts'
export { SoundFormat, VideoCodecId } from './legacy-codec-id.ts'
export { KeyframeList } from './keyframe-list.ts'
export { dataBody } from './data-body.ts'
export { isEmptyHeader } from './empty-header.ts'
export { mediaHeaderKey } from './media-header-key.ts'
export { audioBody, videoBody } from './media-body.ts'
export type { MediaMessage } from './media-message.ts'
export type { MediaTrack } from './media-track.ts'
export { isFrame, isMediaHeader, isMetadata, isPicture, isSound, type MediaBody } from './message-kind.ts'
export { mendedMetadata } from './mended-metadata.ts'
export { metadataOf } from './metadata-of.ts'
export type { ModEx, OpaqueModEx, TimestampOffsetNano } from './mod-ex-packet.ts'
export {
  AudioChannel,
  type CustomChannels,
  encodeMultichannelConfig,
  type MultichannelConfig,
  type NativeChannels,
  parseMultichannelConfig,
  type UnspecifiedChannels,
} from './multichannel-config.ts'
export type { EmptyTag, OpaqueTag } from './opaque-tag.ts'
export {
  AudioPacketType,
  ModExType,
  MultitrackType,
  VideoCommand,
  VideoFrameType,
  VideoPacketType,
} from './packet-type.ts'
export { audioTracks, type TrackInfo, videoTracks } from './track-info.ts'
export { audioTrackOf, videoTrackOf } from './track-of.ts'
export type { PictureSize } from './picture-size.ts'
export { pictureSizeOf } from './picture-size-of.ts'
export { RecordingClock, type RecordingClockOptions } from './recording-clock.ts'
export { TagType } from './tag-type.ts'
export { Timeline } from './timeline.ts'
export type { VideoCommandTag } from './video-command.ts'
export { parseVideoHeader, type VideoHeader, type VideoTrack } from './video-header.ts'
export {
  colorInfoOf,
  encodeColorInfo,
  encodeVideoMetadata,
  parseVideoMetadata,
  type VideoMetadataEntry,
} from './video-metadata.ts'
export { isCodedVideo, isDisposable, isKeyframe, isVideoSequenceHeader } from './video-role.ts'
export {
  encodeVideoTag,
  type ExVideoTag,
  type ExVideoTrack,
  type LegacyVideoTag,
  parseVideoTag,
  type VideoTag,
} from './video-tag.ts'
