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
 * It does not decode media, keep time (messages come as fast as they are read), write a keyframe index, or patch the
 * duration into a finished file.
 *
 * @packageDocumentation
 */
export { type AudioHeader, type AudioTrack, parseAudioHeader } from './audio-header.ts'
export { isAudioSequenceHeader, isCodedAudio } from './audio-role.ts'
export type { AudioCodec, VideoCodec } from './codec.ts'
export { FlvError, type FlvErrorCode } from './errors.ts'
export { FlvDemuxStage } from './flv-demux-stage.ts'
export { FlvDemuxer, type FlvDemuxerOptions } from './flv-demuxer.ts'
export { FlvMuxStage, type FlvMuxStageOptions } from './flv-mux-stage.ts'
export { FlvMuxer } from './flv-muxer.ts'
export type { MediaMessage } from './media-message.ts'
export type { MediaTrack } from './media-track.ts'
export { metadataOf } from './metadata-of.ts'
export { AudioPacketType, MultitrackType, VideoFrameType, VideoPacketType } from './packet-type.ts'
export { TagType } from './tag-type.ts'
export { parseVideoHeader, type VideoHeader, type VideoTrack } from './video-header.ts'
export { isCodedVideo, isDisposable, isKeyframe, isVideoSequenceHeader } from './video-role.ts'
