import type { AmfObject } from '@rtmpipe/amf'
import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { audioFormatOf, metadataOf, parseAudioHeader, parseVideoHeader, pictureSizeOf } from '@rtmpipe/flv'
import type { StreamCodec } from '../../contract/stream-view.ts'

/** What is known of a stream: its sequence headers, and its metadata. */
export interface StreamHeaders {
  readonly audio: readonly RtmpMessage[]
  readonly video: readonly RtmpMessage[]
  readonly metadata: RtmpMessage | undefined
}

type Details = { -readonly [K in keyof StreamCodec]?: StreamCodec[K] }

/** Adds to each codec what its sequence header says, or else the metadata, which tell of the first codec of each kind. */
export function withDetails(codecs: readonly StreamCodec[], headers: StreamHeaders): readonly StreamCodec[] {
  const said = headers.metadata === undefined ? {} : (metadataOf(headers.metadata.payload) ?? {})
  return codecs.map(codec => {
    const isFirst = codecs.find(({ kind }) => kind === codec.kind) === codec
    const metadata = isFirst ? said : {}
    const details =
      codec.kind === 'video' ? ofVideo(codec, headers.video, metadata) : ofAudio(codec, headers.audio, metadata)
    return { ...codec, ...details }
  })
}

function ofVideo({ codec }: StreamCodec, headers: readonly RtmpMessage[], said: AmfObject): Details {
  const config = configOf(codec, headers, parseVideoHeader)
  const size = config && pictureSizeOf(codec, config)
  const width = size?.width ?? positive(said['width'])
  const height = size?.height ?? positive(said['height'])
  const frameRate = positive(said['framerate'])
  return { ...(width && { width }), ...(height && { height }), ...(frameRate && { frameRate }) }
}

function ofAudio({ codec }: StreamCodec, headers: readonly RtmpMessage[], said: AmfObject): Details {
  const config = configOf(codec, headers, parseAudioHeader)
  const format = config && audioFormatOf(codec, config)
  const stereo = said['stereo']
  const sampleRate = format?.sampleRate ?? positive(said['audiosamplerate'])
  const channels =
    format?.channels ?? positive(said['audiochannels']) ?? (typeof stereo === 'boolean' ? (stereo ? 2 : 1) : undefined)
  return { ...(sampleRate && { sampleRate }), ...(channels && { channels }) }
}

interface Head {
  readonly tracks: readonly { readonly codec: string; readonly bodyStart: number; readonly bodyEnd: number }[]
}

/** The body of the newest sequence header of that codec. */
function configOf(
  codec: string,
  headers: readonly RtmpMessage[],
  parse: (payload: Uint8Array) => Head | undefined,
): Buffer | undefined {
  for (const { payload } of headers.toReversed()) {
    const track = parse(payload)?.tracks.find(track => track.codec === codec)
    if (track !== undefined) return payload.subarray(track.bodyStart, track.bodyEnd)
  }
  return undefined
}

/** Metadata are a stranger's: a number that makes sense, or nothing. */
function positive(value: unknown): number | undefined {
  return typeof value === 'number' && value > 0 && value < 1e9 ? value : undefined
}
