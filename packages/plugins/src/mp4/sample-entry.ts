import type { AudioCodec, VideoCodec } from '@rtmpipe/flv'
import { bodyAt, type Box, boxesIn, boxHead } from './box.ts'
import { esdsOf, mpeg4Config } from './esds.ts'
import type { Mp4Description } from './movie.ts'
import { opusHeadOf } from './opus.ts'

/** Bytes of a video sample entry before the boxes in it (ISO/IEC 14496-12 §12.1.3). */
const videoHead = 78
/** Of an audio sample entry (§12.2.3); QuickTime has longer ones of versions 1 and 2. */
const audioHeads = [28, 44, 64]

interface Found {
  readonly codec: VideoCodec | AudioCodec | undefined
  readonly config?: Buffer | undefined
}

/** By format; the boxes are those in the entry. Nothing where a box is missing that the codec can't do without. */
const formats: Readonly<Record<string, (entry: Buffer) => Found | undefined>> = {
  avc1: entry => withBox('avc1', entry, 'avcC'),
  avc3: entry => withBox('avc1', entry, 'avcC'),
  hvc1: entry => withBox('hvc1', entry, 'hvcC'),
  hev1: entry => withBox('hvc1', entry, 'hvcC'),
  av01: entry => withBox('av01', entry, 'av1C'),
  // Its version and flags are no part of what RTMP sends.
  vp09: entry => withBox('vp09', entry, 'vpcC', 4),
  vp08: entry => withBox('vp08', entry, 'vpcC', 4),
  vvc1: entry => withBox('vvc1', entry, 'vvcC', 4),
  vvi1: entry => withBox('vvc1', entry, 'vvcC', 4),
  mp4a: entry => mpeg4(entry),
  '.mp3': () => ({ codec: 'mp3' }),
  // What QuickTime calls it.
  'ms\0U': () => ({ codec: 'mp3' }),
  Opus: entry => ({ codec: 'Opus', config: opusHeadOf(bodyAt(entry, 'dOps')) }),
  fLaC: entry => flac(bodyAt(entry, 'dfLa')),
  'ac-3': () => ({ codec: 'ac-3' }),
  'ec-3': () => ({ codec: 'ec-3' }),
}

/** Of protected samples (ISO/IEC 14496-12 §8.12), and what Apple's shop sold. */
const encrypted: ReadonlySet<string> = new Set(['encv', 'enca', 'drmi', 'drms'])

/**
 * A sample entry as it stands in `stsd`.
 *
 * @param timescale of the track: the sample rate of sound whose own has no place in its entry
 * @param dref which says where the track's media are
 */
export function parseSampleEntry(
  kind: 'video' | 'audio',
  { type: format, body }: Box,
  timescale: number,
  dref: Buffer | undefined,
): Mp4Description {
  const head = kind === 'video' ? videoHead : audioHead(body)
  const obstacle = encrypted.has(format) ? 'encrypted' : isElsewhere(body, dref) ? 'in another file' : undefined
  const found = obstacle === undefined ? formats[format]?.(body.subarray(head)) : undefined
  const { codec, config } = found ?? { codec: undefined, config: undefined }
  const known = { format, obstacle, codec, config, width: 0, height: 0, channels: 0, sampleRate: 0 } as const
  if (body.length < head) return { ...known, codec: undefined }
  if (kind === 'video') return { ...known, width: body.readUInt16BE(24), height: body.readUInt16BE(26) }
  if (head === audioHeads[2]) return { ...known, channels: body.readUInt32BE(40), sampleRate: body.readDoubleBE(32) }
  return { ...known, channels: body.readUInt16BE(16), sampleRate: body.readUInt16BE(24) || timescale }
}

/** True if the entry's data reference (§8.7.2) does not mean this file, which its flag 1 says. */
function isElsewhere(body: Buffer, dref: Buffer | undefined): boolean {
  if (dref === undefined || body.length < 8) return false
  const reference = boxesIn(dref.subarray(8))[body.readUInt16BE(6) - 1]?.body
  return reference !== undefined && reference.length >= 4 && (reference.readUInt32BE(0) & 1) === 0
}

function audioHead(body: Buffer): number {
  const version = body.length > 10 ? body.readUInt16BE(8) : 0
  const head = audioHeads[version] ?? 28
  // MP4 has a version 1, too, which is no longer: what is there must look like a box.
  const isBox = version !== 1 || boxesIn(body.subarray(head)).length > 0
  return isBox ? head : 28
}

function withBox(codec: VideoCodec, entry: Buffer, type: string, from = 0): Found | undefined {
  const config = bodyAt(entry, type)
  return config && config.length > from ? { codec, config: config.subarray(from) } : undefined
}

/** MPEG-4 audio; its descriptor may say that it is MP3, and QuickTime hides it in a box. */
function mpeg4(entry: Buffer): Found | undefined {
  const descriptor = bodyAt(entry, 'esds') ?? bodyAt(entry, 'wave', 'esds')
  const found = descriptor && esdsOf(descriptor)
  if (found === undefined) return undefined
  if (found.objectType === mpeg4Config.mp3 || found.objectType === mpeg4Config.mp3LowRate) return { codec: 'mp3' }
  const isAac = found.objectType === mpeg4Config.aac || found.objectType === mpeg4Config.aacOfMpeg2
  return isAac && found.config.length > 0 ? { codec: 'mp4a', config: found.config } : undefined
}

/** Its metadata blocks, the first of which is STREAMINFO, behind version and flags. */
function flac(dfla: Buffer | undefined): Found | undefined {
  if (dfla === undefined || dfla.length < boxHead + 34) return undefined
  return { codec: 'fLaC', config: Buffer.concat([Buffer.from('fLaC'), dfla.subarray(4)]) }
}
