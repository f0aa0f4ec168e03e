import { EcmaArray, encodeAmf0 } from '@rtmpipe/amf'
import { SoundFormat, VideoCodecId } from '@rtmpipe/flv'
import type { PictureShape, PublishedAudio, PublishedVideo } from './codecs.ts'

/** What is published. */
export interface PublishedMedia {
  readonly video?: (PictureShape & { readonly codec: PublishedVideo; readonly bitrate: number }) | undefined
  readonly audio?:
    | {
        readonly codec: PublishedAudio
        readonly bitrate: number
        readonly sampleRate: number
        readonly channels: number
      }
    | undefined
}

/** The body of the `onMetaData` message about it. */
export function metadataBody({ video, audio }: PublishedMedia): Buffer {
  const pictures = video && {
    width: video.width,
    height: video.height,
    framerate: video.frameRate,
    videocodecid: video.codec === 'avc1' ? VideoCodecId.Avc : fourCcNumber(video.codec),
    videodatarate: video.bitrate / 1000,
  }
  const sound = audio && {
    audiocodecid: audio.codec === 'mp4a' ? SoundFormat.Aac : fourCcNumber('Opus'),
    audiodatarate: audio.bitrate / 1000,
    audiosamplerate: audio.sampleRate,
    audiosamplesize: 16,
    audiochannels: audio.channels,
    stereo: audio.channels > 1,
  }
  return encodeAmf0('onMetaData', new EcmaArray({ ...pictures, ...sound, encoder: 'rtmpipe' }))
}

function fourCcNumber(fourCc: string): number {
  return Buffer.from(fourCc, 'latin1').readUInt32BE(0)
}
