import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import type { Duplex, TransformCallback } from 'node:stream'
import { pipeline, Writable } from 'readable-stream'

/** Which plugin made a Transform. */
const plugins = new WeakMap<Duplex, string>()

/** Remembers which plugin made a Transform, for {@link pluginOf}. */
export function madeBy(plugin: string, transform: Duplex): Duplex {
  plugins.set(transform, plugin)
  return transform
}

/** Name of the plugin that made a Transform. */
export function pluginOf(transform: Duplex | undefined): string {
  return (transform && plugins.get(transform)) ?? 'unknown'
}

/**
 * Connects the Transforms of a stream's path and hands on the messages that come out. If the receiver returns a
 * promise, the path waits for it.
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

/**
 * Guards a plugin's Transform: whatever it throws, in any turn of the event loop, becomes an error of this Transform
 * alone.
 */
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
