import { type AudioCodec, type AudioFormat, audioFormatOf } from '@rtmpipe/flv'

const mp3Rates = [44_100, 48_000, 32_000]

/**
 * Rate and channels as far as they are known before anything is decoded. Undefined for a configuration that is cut short.
 *
 * @param config body of the sequence header, if there was one
 * @param frame the first sound, for codecs that have no header
 */
export function soundFormat(codec: AudioCodec, config: Buffer | undefined, frame: Uint8Array): AudioFormat | undefined {
  const told = config && audioFormatOf(codec, config)
  if (told !== undefined || codec === 'mp4a') return told
  return codec === 'mp3' ? mp3(frame) : { sampleRate: 48_000, channels: 2 }
}

/** Frame header (ISO/IEC 11172-3 §2.4.1.3). */
function mp3(frame: Uint8Array): AudioFormat | undefined {
  const [first = 0, second = 0, third = 0, fourth = 0] = frame
  const rate = mp3Rates[(third >> 2) & 3]
  if (first !== 0xff || second >> 5 !== 7 || rate === undefined) return undefined
  const version = (second >> 3) & 3
  return { sampleRate: version === 3 ? rate : version === 2 ? rate / 2 : rate / 4, channels: fourth >> 6 === 3 ? 1 : 2 }
}
