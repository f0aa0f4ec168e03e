import { didYouMean, UsageError } from '@rtmpipe/chunk-stream'

/**
 * Refuses options that do not exist, which the compiler finds in a literal only.
 *
 * @param whose what takes the options, for the message
 * @param known all options there are, as the keys of a record, so that the compiler finds one that is missing
 * @throws UsageError `RTMP_ERR_USAGE` with the option that was probably meant
 */
export function checkOptions(whose: string, options: object, known: Readonly<Record<string, unknown>>): void {
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(known, name)) continue
    throw new UsageError(
      'RTMP_ERR_USAGE',
      `${whose}: there is no option ${name}${didYouMean(name, Object.keys(known))}`,
    )
  }
}
