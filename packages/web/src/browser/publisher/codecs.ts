/** Video that can be published, by its FourCC, best known first. */
export type PublishedVideo = 'avc1' | 'vp09' | 'av01'
/** Sound that can be published. */
export type PublishedAudio = 'opus' | 'mp4a'

/** Pictures an encoder is to make. */
export interface PictureShape {
  readonly width: number
  readonly height: number
  /** Per second. */
  readonly frameRate: number
}

/** Pixels of a picture and of a second that a level has room for, and its name in AVC, VP9 and AV1. */
const levels = [
  [414_720, 10_300_000, '1e', '30', '04'],
  [921_600, 27_650_000, '1f', '31', '05'],
  [2_097_152, 62_600_000, '28', '40', '08'],
  [2_228_224, 133_000_000, '2a', '41', '09'],
  [8_912_896, 251_000_000, '33', '50', '12'],
  [Infinity, Infinity, '34', '51', '13'],
] as const

/** What WebCodecs calls the codec for pictures of this shape, best first: H.264 in High, Main and Baseline profile. */
export function videoCodecStrings(codec: PublishedVideo, { width, height, frameRate }: PictureShape): string[] {
  const size = width * height
  const level = levels.find(([pixels, rate]) => size <= pixels && size * frameRate <= rate) ?? levels[5]
  const [, , avc, vp9, av1] = level
  if (codec === 'avc1') return ['6400', '4d00', '42e0'].map(profile => `avc1.${profile}${avc}`)
  return [codec === 'vp09' ? `vp09.00.${vp9}.08` : `av01.0.${av1}M.08`]
}

/** What WebCodecs calls it. */
export const audioCodecStrings: Readonly<Record<PublishedAudio, string>> = { opus: 'opus', mp4a: 'mp4a.40.2' }

/** The first of them that the browser can encode. */
export async function firstSupported<Config>(
  configs: readonly Config[],
  isSupported: (config: Config) => Promise<{ readonly supported?: boolean }>,
): Promise<Config | undefined> {
  for (const config of configs) {
    // Some browsers throw for what others say no to.
    const { supported } = await isSupported(config).catch(() => ({ supported: false }))
    if (supported === true) return config
  }
  return undefined
}
