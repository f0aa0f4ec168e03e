/** The video codecs that Enhanced RTMP names, by their FourCC on the wire. */
export const VideoFourCc = {
  Avc: 'avc1',
  Hevc: 'hvc1',
  Vvc: 'vvc1',
  Av1: 'av01',
  Vp8: 'vp08',
  Vp9: 'vp09',
} as const

export type VideoFourCc = (typeof VideoFourCc)[keyof typeof VideoFourCc]

/** The audio codecs that Enhanced RTMP names, by their FourCC on the wire. */
export const AudioFourCc = {
  Aac: 'mp4a',
  Mp3: '.mp3',
  Opus: 'Opus',
  Flac: 'fLaC',
  Ac3: 'ac-3',
  Eac3: 'ec-3',
} as const

export type AudioFourCc = (typeof AudioFourCc)[keyof typeof AudioFourCc]

const known: ReadonlyMap<number, string> = new Map(
  [...Object.values(VideoFourCc), ...Object.values(AudioFourCc)].map(text => [numberOf(text), text]),
)

/** Reads FourCCs as text, one character for each byte; those it does not know too. */
export const fourCcTexts = {
  get: (fourCc: number): string => known.get(fourCc) ?? textOf(fourCc),
}

/** True for four characters of one byte each. */
export function isFourCc(text: string): boolean {
  return text.length === 4 && Array.from(text).every(character => character.charCodeAt(0) <= 0xff)
}

function textOf(fourCc: number): string {
  return String.fromCharCode(fourCc >>> 24, (fourCc >>> 16) & 0xff, (fourCc >>> 8) & 0xff, fourCc & 0xff)
}

function numberOf(text: string): number {
  return Buffer.from(text, 'latin1').readUInt32BE(0)
}
