import { UsageError } from '@rtmpipe/chunk-stream'
import type { Duplex } from 'node:stream'

/**
 * From here on the bytes of `stream` arrive in pieces of `sizes`: one size, or a list that is gone through again and
 * again. A piece also ends where the sender's own does. For readers by `'data'` and pipelines; `read()` gives what has
 * come together.
 *
 * @returns the same stream
 * @throws UsageError when a size is no whole number above 0
 */
export function splitReads<Stream extends Duplex>(stream: Stream, sizes: number | readonly number[]): Stream {
  const list = typeof sizes === 'number' ? [sizes] : sizes
  if (list.length === 0 || list.some(size => !Number.isInteger(size) || size < 1)) {
    throw new UsageError('RTMP_ERR_USAGE', `sizes: expected whole numbers above 0, got ${JSON.stringify(sizes)}`)
  }
  const push = stream.push.bind(stream)
  let turn = 0
  stream.push = (bytes: Uint8Array | null): boolean => {
    if (bytes === null) return push(null)
    let wantsMore = true
    for (let start = 0; start < bytes.length; turn += 1) {
      const end = start + (list[turn % list.length] as number)
      wantsMore = push(bytes.subarray(start, end))
      start = end
    }
    return wantsMore
  }
  return stream
}
