import type { Duplex } from 'node:stream'

/**
 * Looks at the first bytes of a stream, which are there again afterwards for whoever reads it. `decide` is given all there
 * are, and again when more have come, until it knows. `done` is told what, in a turn of its own; undefined when the stream
 * ended before. How long that takes, and how many bytes, is for the caller to bound.
 *
 * @returns gives up: `done` is not called any more
 */
export function peek<T>(
  stream: Duplex,
  decide: (bytes: Buffer) => T | undefined,
  done: (found: T | undefined) => void,
): () => void {
  let bytes: Buffer = Buffer.alloc(0)
  const read = (): void => {
    for (let next = take(stream); next !== null; next = take(stream)) {
      bytes = bytes.length === 0 ? next : Buffer.concat([bytes, next])
      const found = decide(bytes)
      if (found !== undefined) return finish(found)
    }
  }
  const closed = (): void => finish(undefined)
  const stop = (): void => {
    stream.off('readable', read).off('end', closed).off('close', closed)
    if (bytes.length > 0 && !stream.destroyed && !stream.readableEnded) stream.unshift(bytes)
    bytes = Buffer.alloc(0)
  }
  let isOver = false
  const finish = (found: T | undefined): void => {
    if (isOver) return
    isOver = true
    stop()
    // By then the stream knows that nobody waits to be told that it can be read, and flows for who wants its data.
    process.nextTick(done, found)
  }
  stream.on('readable', read).on('end', closed).on('close', closed)
  return () => {
    if (isOver) return
    isOver = true
    stop()
  }
}

function take(stream: Duplex): Buffer | null {
  return stream.read() as Buffer | null
}
