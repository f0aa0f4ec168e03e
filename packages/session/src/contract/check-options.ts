import { didYouMean, UsageError } from '@rtmpipe/chunk-stream'

/**
 * Refuses options that do not exist, which the compiler finds in a literal only, and numbers below 0, which no option has.
 *
 * @param whose what takes the options, for the message
 * @param known all options there are, as the keys of a record, so that the compiler finds one that is missing
 * @throws UsageError `RTMP_ERR_USAGE` with the option, and the one that was probably meant
 */
export function checkOptions(whose: string, options: object, known: Readonly<Record<string, unknown>>): void {
  checkNames(whose, options, known)
  for (const [name, value] of Object.entries<unknown>(options as Record<string, unknown>)) {
    if (typeof value === 'number' && !(value >= 0))
      throw new UsageError('RTMP_ERR_USAGE', `${whose}: ${name} should be a number from 0 up, and is ${value}`)
  }
}

/** The names alone, see {@link checkOptions}. */
export function checkNames(whose: string, options: object, known: Readonly<Record<string, unknown>>): void {
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(known, name)) continue
    throw new UsageError(
      'RTMP_ERR_USAGE',
      `${whose}: there is no option ${name}${didYouMean(name, Object.keys(known))}`,
    )
  }
}
