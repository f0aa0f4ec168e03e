/** Video codecs: the FourCC of Enhanced RTMP where there is one, else a lower case name. */
export type VideoCodec =
  | 'avc1'
  | 'hvc1'
  | 'vvc1'
  | 'av01'
  | 'vp08'
  | 'vp09'
  | 'h263'
  | 'screen'
  | 'screen2'
  | 'vp6'
  | 'vp6a'

/** Audio codecs: the FourCC of Enhanced RTMP where there is one (`mp3` without its dot), else a lower case name. */
export type AudioCodec =
  | 'mp4a'
  | 'mp3'
  | 'Opus'
  | 'fLaC'
  | 'ac-3'
  | 'ec-3'
  | 'pcm'
  | 'adpcm'
  | 'alaw'
  | 'mulaw'
  | 'nellymoser'
  | 'speex'
  | 'device'

/** By CodecID (FLV 10.1 §E.4.3.1). 12 and 13 are in no specification, but some encoders and CDNs send them. */
export const legacyVideoCodecs: readonly (VideoCodec | undefined)[] = sparse<VideoCodec>({
  2: 'h263',
  3: 'screen',
  4: 'vp6',
  5: 'vp6a',
  6: 'screen2',
  7: 'avc1',
  12: 'hvc1',
  13: 'av01',
})

/** By SoundFormat (FLV 10.1 §E.4.2.1). */
export const legacyAudioCodecs: readonly (AudioCodec | undefined)[] = sparse<AudioCodec>({
  0: 'pcm',
  1: 'adpcm',
  2: 'mp3',
  3: 'pcm',
  4: 'nellymoser',
  5: 'nellymoser',
  6: 'nellymoser',
  7: 'alaw',
  8: 'mulaw',
  10: 'mp4a',
  11: 'speex',
  14: 'mp3',
  15: 'device',
})

/** By FourCC as a big-endian number. */
export const fourCcVideoCodecs: ReadonlyMap<number, VideoCodec> = byFourCc<VideoCodec>({
  avc1: 'avc1',
  hvc1: 'hvc1',
  vvc1: 'vvc1',
  av01: 'av01',
  vp08: 'vp08',
  vp09: 'vp09',
})

/** By FourCC as a big-endian number. */
export const fourCcAudioCodecs: ReadonlyMap<number, AudioCodec> = byFourCc<AudioCodec>({
  mp4a: 'mp4a',
  '.mp3': 'mp3',
  Opus: 'Opus',
  fLaC: 'fLaC',
  'ac-3': 'ac-3',
  'ec-3': 'ec-3',
})

function sparse<Codec>(codecs: Readonly<Record<number, Codec>>): (Codec | undefined)[] {
  return Array.from({ length: 16 }, (_, id) => codecs[id])
}

function byFourCc<Codec>(codecs: Readonly<Record<string, Codec>>): Map<number, Codec> {
  return new Map(Object.entries(codecs).map(([name, codec]) => [Buffer.from(name, 'latin1').readUInt32BE(0), codec]))
}
