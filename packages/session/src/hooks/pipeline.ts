import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import type { Duplex, TransformCallback } from 'node:stream'
import { pipeline, Writable } from 'readable-stream'

/**
 * Connects the Transforms of a stream's path and hands on what comes out; a promise holds the path.
 *
 * @param ended called once, with what failed if something did
 * @returns the first, to write into
 */
export function chain(
  transforms: readonly Duplex[],
  take: (message: RtmpMessage) => void | Promise<void>,
  ended: (error?: Error | null) => void,
): Duplex {
  const sink = new Writable({
    objectMode: true,
    write(message: RtmpMessage, _encoding, done) {
      try {
        const waits = take(message)
        if (waits === undefined) done()
        else waits.then(() => done(), done)
      } catch (error) {
        done(error as Error)
      }
    },
  })
  pipeline([...transforms.map(guarded), sink] as unknown as Parameters<typeof pipeline>[0] & Duplex[], ended)
  return transforms[0] as Duplex
}

/** A Transform of a plugin's: what it throws, in whatever turn of the event loop, is its error and nobody else's. */
export function guarded(transform: Duplex & { _flush?(done: TransformCallback): void }): Duplex {
  const { _write, _flush } = transform
  transform._write = (chunk, encoding, done) => {
    try {
      _write.call(transform, chunk, encoding, done)
    } catch (error) {
      done(error as Error)
    }
  }
  if (_flush === undefined) return transform
  transform._flush = done => {
    try {
      _flush.call(transform, done)
    } catch (error) {
      done(error as Error)
    }
  }
  return transform
}
