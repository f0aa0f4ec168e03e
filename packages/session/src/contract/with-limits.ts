import { UsageError } from '@rtmpipe/chunk-stream'
import { checkNames } from './check-options.ts'

/** Longest time of a timer, in milliseconds; what is longer would be over at once. */
const longest = 2 ** 31 - 1

/**
 * Limits with their defaults; what is undefined is not given.
 *
 * @param whose name of the option, for messages
 * @throws UsageError `RTMP_ERR_USAGE` for a limit that does not exist or is not a number from 0 up
 */
export function withLimits<Limits extends object>(
  defaults: Limits,
  given: Partial<Limits> = {},
  whose: string,
): Limits {
  checkNames(whose, given, defaults as Record<string, unknown>)
  const isGiven = Object.entries<unknown>(given).filter(([, value]) => value !== undefined)
  for (const [name, value] of isGiven) {
    const most = name.startsWith('max') ? Infinity : longest
    if (typeof value === 'number' && value >= 0 && value <= most) continue
    const expected = most === longest ? `milliseconds from 0 to ${longest}` : 'a number from 0 up'
    throw new UsageError('RTMP_ERR_USAGE', `${whose}.${name}: expected ${expected}, got ${String(value)}`)
  }
  return { ...defaults, ...(Object.fromEntries(isGiven) as Partial<Limits>) }
}
