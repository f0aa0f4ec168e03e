import type { AudioCodec, VideoCodec } from '@rtmpipe/flv'

const names: Partial<Record<VideoCodec | AudioCodec, string>> = {
  avc1: 'H.264',
  hvc1: 'HEVC',
  vvc1: 'VVC',
  av01: 'AV1',
  vp08: 'VP8',
  vp09: 'VP9',
  h263: 'Sorenson H.263',
  vp6: 'VP6',
  vp6a: 'VP6',
  screen: 'Screen Video',
  screen2: 'Screen Video',
  mp4a: 'AAC',
  mp3: 'MP3',
  fLaC: 'FLAC',
  'ac-3': 'AC-3',
  'ec-3': 'E-AC-3',
  pcm: 'PCM',
  adpcm: 'ADPCM',
  alaw: 'G.711',
  mulaw: 'G.711',
  nellymoser: 'Nellymoser',
  speex: 'Speex',
}

/** What people call a codec. */
export function codecName(codec: VideoCodec | AudioCodec): string {
  return names[codec] ?? codec
}
