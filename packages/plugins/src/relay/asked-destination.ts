import { UsageError } from '@rtmpipe/session'
import { type Destination, destinationOf } from './destination.ts'

/** Longest URL of a stream that is taken from outside. */
const maxLength = 2_048

/**
 * The destination that somebody outside asks for: only RTMP in the ways that a server takes it, so that nobody is led to
 * other schemes, and nothing that could end a line.
 *
 * @throws UsageError `RTMP_ERR_URL`, without the text
 */
export function askedDestination(url: string): Destination {
  const like = 'a URL like rtmp://host/app/name'
  if (typeof url !== 'string') throw new UsageError('RTMP_ERR_URL', `a relay needs ${like}`)
  if (!/^(rtmp(s|t|ts)?|rtmfp|wss?):\/\//i.test(url.trim()))
    throw new UsageError(
      'RTMP_ERR_URL',
      `a relay needs ${like}, with rtmp, rtmps, rtmpt, rtmpts, ws, wss or rtmfp before the host`,
    )
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (url.length > maxLength || /[\u0000-\u001f\u007f]/.test(url))
    throw new UsageError(
      'RTMP_ERR_URL',
      `a relay needs ${like}, of ${maxLength} characters at most and without control characters`,
    )
  try {
    return destinationOf(url)
  } catch (cause) {
    throw new UsageError('RTMP_ERR_URL', (cause as Error).message)
  }
}
