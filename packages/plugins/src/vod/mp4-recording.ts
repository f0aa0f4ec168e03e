import { EcmaArray, encodeAmf0 } from '@rtmpipe/amf'
import { TagType } from '@rtmpipe/flv'
import type { RtmpMessage } from '@rtmpipe/session'
import type { EncodedPacket, EncodedPacketSink, Input, InputAudioTrack, InputVideoTrack } from 'mediabunny'
import { inDecodeOrder, reorderingOf, type Reordering, type TimedPacket } from './decode-times.ts'
import { VodError } from './errors.ts'
import { openMp4 } from './mp4-input.ts'
import { mp4Audio, type Mp4Track, mp4Video } from './mp4-track.ts'
import type { Recording, Start } from './recording.ts'
import type { SharedFile } from './shared-file.ts'

interface Mp4Start extends Start {
  readonly picture: EncodedPacket | null
  readonly sound: EncodedPacket | null
}

/** What can be played of a file. */
interface Mp4Contents {
  readonly file: SharedFile
  readonly input: Input
  readonly video: Mp4Track<InputVideoTrack> | undefined
  readonly audio: Mp4Track<InputAudioTrack> | undefined
  readonly videoSink: EncodedPacketSink | undefined
  readonly audioSink: EncodedPacketSink | undefined
  readonly reordering: Reordering
  /** Seconds to add, so that the first message is at zero. */
  readonly shift: number
}

/** An MP4 file: its first video and its first audio track that RTMP has a place for. */
export class Mp4Recording implements Recording {
  readonly duration: number
  readonly metadata: RtmpMessage
  readonly #contents: Mp4Contents

  private constructor(contents: Mp4Contents, duration: number, metadata: RtmpMessage) {
    this.#contents = contents
    this.duration = duration
    this.metadata = metadata
  }

  /** @throws VodError, whatever the disk throws */
  static async open(file: SharedFile): Promise<Mp4Recording> {
    const { EncodedPacketSink, input } = await openMp4(file)
    try {
      const [video, audio] = [
        await firstOf(input.getVideoTracks(), mp4Video),
        await firstOf(input.getAudioTracks(), mp4Audio),
      ]
      const tracks = [video, audio].flatMap(found => found?.track ?? [])
      if (tracks.length === 0) throw await nothingToPlay(input)
      const [videoSink, audioSink] = [
        video && new EncodedPacketSink(video.track),
        audio && new EncodedPacketSink(audio.track),
      ]
      const reordering = videoSink ? await reorderingOf(videoSink) : { delay: 0, depth: 0 }
      const firsts = [
        ...(video ? [(await video.track.getFirstTimestamp()) - reordering.delay] : []),
        ...(audio ? [await audio.track.getFirstTimestamp()] : []),
      ]
      const shift = -Math.min(...firsts)
      const duration = Math.max(0, milliseconds((await input.computeDuration(tracks)) + shift))
      const metadata = await metadataOf(duration, video, audio)
      const contents = { file, input, video, audio, videoSink, audioSink, reordering, shift }
      return new Mp4Recording(contents, duration, metadata)
    } catch (error) {
      input.dispose()
      throw damaged(error)
    }
  }

  async find(timestamp: number): Promise<Mp4Start> {
    const { videoSink, audioSink, shift } = this.#contents
    // The times are fractions in the file, and whole in what is sent.
    const wanted = timestamp / 1000 - shift + halfMillisecond
    try {
      if (videoSink) return (await this.#keyframe(videoSink, wanted)) ?? (await this.#beginning())
      const sound = (await audioSink?.getPacket(wanted)) ?? null
      if (sound === null) return await this.#beginning()
      return { timestamp: milliseconds(sound.timestamp + shift), picture: null, sound }
    } catch (error) {
      throw damaged(error)
    }
  }

  async *read(start: Start): AsyncGenerator<RtmpMessage, void> {
    const { timestamp, picture, sound } = start as Mp4Start
    const { video, audio, videoSink, audioSink, reordering, shift } = this.#contents
    if (video?.header) yield message(TagType.Video, timestamp, video.header)
    if (audio?.header) yield message(TagType.Audio, timestamp, audio.header)
    const pictures = videoSink && inDecodeOrder(videoSink, picture, reordering)
    const sounds = audioSink && inDecodeOrder(audioSink, sound, { delay: 0, depth: 0 })
    try {
      let [nextPicture, nextSound] = [await pulled(pictures), await pulled(sounds)]
      while (nextPicture !== undefined || nextSound !== undefined) {
        if (video && nextPicture && nextPicture.decodeTime <= (nextSound?.decodeTime ?? Infinity)) {
          const time = milliseconds(nextPicture.decodeTime + shift)
          const compositionTime = milliseconds(nextPicture.packet.timestamp + shift) - time
          yield message(TagType.Video, time, video.encode(nextPicture.packet, compositionTime))
          nextPicture = await pulled(pictures)
        } else if (audio && nextSound) {
          yield message(TagType.Audio, milliseconds(nextSound.decodeTime + shift), audio.encode(nextSound.packet, 0))
          nextSound = await pulled(sounds)
        }
      }
    } catch (error) {
      throw damaged(error)
    }
  }

  async close(): Promise<void> {
    this.#contents.input.dispose()
    await this.#contents.file.close()
  }

  async #beginning(): Promise<Mp4Start> {
    const { videoSink, audioSink } = this.#contents
    const [picture, sound] = [await videoSink?.getFirstPacket(), await audioSink?.getFirstPacket()]
    return { timestamp: 0, picture: picture ?? null, sound: sound ?? null }
  }

  /** A keyframe counts from when it is decoded on, as in the timestamps that are sent. Undefined if it is the first. */
  async #keyframe(sink: EncodedPacketSink, wanted: number): Promise<Mp4Start | undefined> {
    const { audioSink, reordering, shift } = this.#contents
    const picture = await sink.getKeyPacket(wanted + reordering.delay)
    const first = await sink.getFirstPacket({ metadataOnly: true })
    if (picture === null || picture.sequenceNumber === first?.sequenceNumber) return undefined
    const decoded = await pulled(inDecodeOrder(sink, picture, reordering))
    const time = decoded?.decodeTime ?? picture.timestamp
    const sound = audioSink ? await soundFrom(audioSink, time) : null
    return { timestamp: milliseconds(time + shift), picture, sound }
  }
}

const halfMillisecond = 0.0005

async function firstOf<Track, Found>(
  tracks: Promise<readonly Track[]>,
  read: (track: Track) => Promise<Found | undefined>,
): Promise<Found | undefined> {
  for (const track of await tracks) {
    const found = await read(track)
    if (found !== undefined) return found
  }
  return undefined
}

async function nothingToPlay(input: Input): Promise<VodError> {
  const tracks = await input.getTracks()
  if (tracks.length === 0) return new VodError('RTMP_ERR_VOD_FILE', 'it has no tracks')
  const codecs = await Promise.all(tracks.map(track => track.getCodec()))
  return new VodError('RTMP_ERR_VOD_CODEC', `it has ${codecs.map(codec => codec ?? 'an unknown codec').join(', ')}`)
}

/** The first that does not begin before. */
async function soundFrom(sink: EncodedPacketSink, time: number): Promise<EncodedPacket | null> {
  const packet = await sink.getPacket(time)
  if (packet === null) return sink.getFirstPacket()
  return packet.timestamp < time - halfMillisecond ? sink.getNextPacket(packet) : packet
}

async function pulled(packets: AsyncGenerator<TimedPacket, void> | undefined): Promise<TimedPacket | undefined> {
  return (await packets?.next())?.value ?? undefined
}

async function metadataOf(
  duration: number,
  video: Mp4Track<InputVideoTrack> | undefined,
  audio: Mp4Track<InputAudioTrack> | undefined,
): Promise<RtmpMessage> {
  const properties = new EcmaArray({
    duration: duration / 1000,
    ...(video && {
      width: await video.track.getCodedWidth(),
      height: await video.track.getCodedHeight(),
      videocodecid: video.codecId,
    }),
    ...(audio && {
      audiosamplerate: await audio.track.getSampleRate(),
      audiosamplesize: 16,
      stereo: (await audio.track.getNumberOfChannels()) > 1,
      audiocodecid: audio.codecId,
    }),
  })
  return message(TagType.Script, 0, Buffer.from(encodeAmf0('onMetaData', properties)))
}

function message(messageTypeId: number, timestamp: number, payload: Buffer): RtmpMessage {
  // A damaged file may have any time.
  return { messageTypeId, messageStreamId: 0, timestamp: Math.max(0, timestamp || 0) >>> 0, payload }
}

function milliseconds(seconds: number): number {
  return Math.round(seconds * 1000)
}

/** What the reader of MP4 says of a file is about the file; what the disk says stays. */
function damaged(error: unknown): unknown {
  if (error instanceof VodError || (error as NodeJS.ErrnoException).syscall !== undefined) return error
  return new VodError('RTMP_ERR_VOD_FILE', (error as Error).message, { cause: error })
}
