import { LimitError } from '@rtmpipe/chunk-stream'

/**
 * Waits for the answer to a command.
 *
 * @param timeout milliseconds; Infinity waits for ever
 * @param overdue given LimitError `RTMP_ERR_CALL_TIMEOUT` when they have passed
 * @returns the timer to clear when the answer has come
 */
export function deadline(
  command: string,
  timeout: number,
  overdue: (error: LimitError) => void,
): NodeJS.Timeout | undefined {
  if (timeout === Infinity) return undefined
  const error = () => new LimitError('RTMP_ERR_CALL_TIMEOUT', `${command} was not answered within ${timeout} ms`)
  return setTimeout(() => overdue(error()), timeout)
}
