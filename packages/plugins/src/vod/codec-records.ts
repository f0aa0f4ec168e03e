/** AV1CodecConfigurationRecord ("AV1 Codec ISO Media File Format Binding" §2.3.3) of a codec string, without OBUs. */
export function av1Record(codecString: string): Buffer {
  const [, profile = '0', level = '', depth = '8', monochrome = '0', chroma = '110'] = codecString.split('.')
  const tier = level.endsWith('H') ? 1 : 0
  const [isHigh, isTwelve] = [Number(depth) > 8 ? 1 : 0, Number(depth) === 12 ? 1 : 0]
  const [x = 1, y = 1, position = 0] = chroma.split('').map(Number)
  const flags =
    (tier << 7) | (isHigh << 6) | (isTwelve << 5) | (Number(monochrome) << 4) | (x << 3) | (y << 2) | position
  return Buffer.from([0x81, (Number(profile) << 5) | Number.parseInt(level, 10), flags, 0])
}

/** VPCodecConfigurationRecord ("VP Codec ISO Media File Format Binding") of a codec string. */
export function vp9Record(codecString: string): Buffer {
  const parts = codecString.split('.').slice(1).map(Number)
  const [profile = 0, level = 10, depth = 8, chroma = 1, primaries = 1, transfer = 1, matrix = 1, range = 0] = parts
  return Buffer.from([profile, level, (depth << 4) | (chroma << 1) | range, primaries, transfer, matrix, 0, 0])
}
