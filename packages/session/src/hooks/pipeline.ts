import { RtmpError, type RtmpMessage } from '@rtmpipe/chunk-stream'
import type { Duplex, Stream, TransformCallback } from 'node:stream'
import { pipeline, Writable } from 'readable-stream'
import { PluginError } from '../contract/errors.ts'

/** Whose a Transform is. */
export interface TransformOrigin {
  /** Name of the plugin. */
  readonly plugin: string
  /** The hook that returned it. */
  readonly hook: string
}

const origins = new WeakMap<object, TransformOrigin>()

/**
 * Notes whose a Transform is, so that its failure can be told by name.
 *
 * @returns the same Transform
 * @throws TypeError that says what to do, for anything but a Transform in object mode
 */
export function fromPlugin(transform: unknown, origin: TransformOrigin): Duplex {
  if (!isDuplex(transform)) throw new TypeError(`answered ${typeof transform}, which is no Transform${advice}`)
  if (!transform.writableObjectMode || !transform.readableObjectMode) {
    transform.destroy()
    throw new TypeError(`its Transform is one of bytes, and messages are objects: pass objectMode: true${advice}`)
  }
  origins.set(transform, origin)
  return transform
}

const advice = '; messageTransform(message => …) makes one of a function'

function isDuplex(value: unknown): value is Duplex {
  const { write, read } = (value ?? {}) as Partial<Duplex>
  return typeof write === 'function' && typeof read === 'function'
}

/** Name of the plugin that made a Transform. */
export function pluginOf(transform: Duplex | undefined): string {
  return (transform && origins.get(transform)?.plugin) ?? 'unknown'
}

/**
 * Connects the Transforms of a stream's path and hands on the messages that come out. If the receiver returns a
 * promise, the path waits for it.
 *
 * @param ended called once, with what failed if something did: a PluginError if it was a plugin's Transform
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
        if (!isMessage(message))
          throw failed(transforms.at(-1), new TypeError(`put out ${typeof message}, not a message`))
        const waits = take(message)
        if (waits === undefined) done()
        else waits.then(() => done(), done)
      } catch (error) {
        done(error as Error)
      }
    },
  })
  const path = [...transforms.map(guarded), sink] as unknown as Parameters<typeof pipeline>[0] & Duplex[]
  const failure = firstFailure(path)
  pipeline(path, error => ended(error ? (failure() ?? error) : undefined))
  return transforms[0] as Duplex
}

/**
 * Listens to the streams of a path: whoever fails says so before the others are destroyed for it, with the same error.
 *
 * @returns gives the first failure: a PluginError if it was a plugin's Transform
 */
export function firstFailure(path: readonly Stream[]): () => Error | undefined {
  let failure: Error | undefined
  for (const stream of path) stream.once('error', (error: Error) => (failure ??= failed(stream, error)))
  return () => failure
}

/**
 * What is told of a failure. Limits that the session itself destroys a Transform for stay as they are, and so does what
 * a Transform hears because another one was closed.
 */
export function failed(transform: Stream | undefined, error: NodeJS.ErrnoException): Error {
  const origin = transform && origins.get(transform)
  if (origin === undefined || error instanceof RtmpError || error.code === 'ERR_STREAM_PREMATURE_CLOSE') return error
  return new PluginError(origin.plugin, origin.hook, `its Transform failed: ${error.message}`, { cause: error })
}

/** Plugins may put out anything. */
export function isMessage(message: unknown): message is RtmpMessage {
  const { messageTypeId, payload } = (message ?? {}) as Partial<RtmpMessage>
  return typeof messageTypeId === 'number' && payload instanceof Uint8Array
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
