import { FlvError } from './errors.ts'

/**
 * Throws {@link FlvError} `RTMP_ERR_FLV_TAG_SIZE` unless the value is an integer from `least` to `greatest`: the format
 * has no room for another.
 */
export function requireRoom(name: string, value: number, greatest: number, least = 0): void {
  if (Number.isInteger(value) && value >= least && value <= greatest) return
  throw new FlvError('RTMP_ERR_FLV_TAG_SIZE', `no room for a ${name} of ${value}: it is from ${least} to ${greatest}`)
}
