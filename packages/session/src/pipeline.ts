import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import type { Duplex } from 'node:stream'
import { pipeline, Writable } from 'readable-stream'

/**
 * Connects the Transforms of a stream's path and hands on what comes out; a promise holds the path.
 *
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
  pipeline([...transforms, sink] as unknown as Parameters<typeof pipeline>[0] & Duplex[], ended)
  return transforms[0] as Duplex
}
