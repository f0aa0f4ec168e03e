import { UsageError } from '@rtmpipe/chunk-stream'
import { checkOptions } from '@rtmpipe/session'
import { isOrigin } from '@rtmpipe/transport-websocket'

/** Options of {@link httpFlv}. */
export interface HttpFlvOptions {
  /**
   * Origins of the pages that may watch, `https://example.com`, or `'*'` for those of all. Default: the page's host and port
   * must be those of the stream. Players that are no browsers tell no origin, and always may.
   */
  readonly origins?: readonly string[] | '*' | undefined
  /** Stay when the publisher leaves, and go on with the next one. Default false: then the viewer's stream ends. */
  readonly follow?: boolean | undefined
  /**
   * Milliseconds that a viewer waits for a stream that nobody publishes, until it is answered 404; 0 answers at once. Default,
   * and at most: what the server has players wait (`publishWait`).
   */
  readonly publishWait?: number | undefined
  /** Viewers at a time; further ones are answered 503. Default 20,000. */
  readonly maxViewers?: number | undefined
}

const known: Record<keyof HttpFlvOptions, true> = { origins: true, follow: true, publishWait: true, maxViewers: true }

/** @throws UsageError `RTMP_ERR_USAGE` */
export function checkHttpFlvOptions(options: HttpFlvOptions): void {
  checkOptions('httpFlv()', options, known)
  const { origins = [], publishWait = 0, maxViewers = 1 } = options
  for (const origin of Array.isArray(origins) ? origins : [origins])
    if (!isOrigin(origin)) throw wrong('origins', origin, "'*' or a list like ['https://example.com']")
  if (!(publishWait >= 0)) throw wrong('publishWait', publishWait, 'milliseconds')
  if (!(maxViewers >= 1)) throw wrong('maxViewers', maxViewers, 'a number from 1 up')
}

function wrong(name: string, value: unknown, expected: string): UsageError {
  return new UsageError('RTMP_ERR_USAGE', `httpFlv(): ${name} is ${String(value)}, not ${expected}`)
}
