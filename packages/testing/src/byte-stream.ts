import type { Duplex } from 'node:stream'
import { within } from './within.ts'

/** Reads exactly `length` bytes and leaves the rest unread; rejects when the stream ends before. */
export function readBytes(stream: Duplex, length: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let missing = length
  const bytes = new Promise<Buffer>((resolve, reject) => {
    const onReadable = (): void => {
      while (missing > 0) {
        const chunk = stream.read(Math.min(missing, stream.readableLength || 1)) as Buffer | null
        if (chunk === null) return
        chunks.push(chunk)
        missing -= chunk.length
      }
      settle()
      resolve(Buffer.concat(chunks))
    }
    const onEnd = (): void => {
      settle()
      reject(new Error(`byte stream ended ${missing} bytes short of ${length}`))
    }
    const settle = (): void => {
      stream.off('readable', onReadable).off('end', onEnd).off('close', onEnd)
    }
    stream.on('readable', onReadable).on('end', onEnd).on('close', onEnd)
    onReadable()
    if (missing > 0 && stream.closed) onEnd()
  })
  return within(`${length} bytes`, bytes)
}

/** Reads on to the end of the byte stream and gives what came. */
export async function readToEnd(stream: Duplex): Promise<Buffer> {
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  await within('the end of the byte stream', event(stream, 'end'))
  return Buffer.concat(chunks)
}

/** Writes `bytes` in one piece; resolves when the stream has taken it. */
export function write(stream: Duplex, bytes: Uint8Array): Promise<void> {
  return within(
    'a write to be taken',
    new Promise((resolve, reject) => stream.write(bytes, error => (error ? reject(error) : resolve()))),
  )
}

/** Resolves when the stream has closed. */
export function closed(stream: Duplex): Promise<void> {
  return stream.closed ? Promise.resolve() : within('a stream to close', event(stream, 'close'))
}

/** Resolves when a stream that is read notices that its far end is gone, in whatever way. */
export function farEndGone(stream: Duplex): Promise<void> {
  stream.resume()
  if (stream.readableEnded || stream.closed) return Promise.resolve()
  return within('the far end being gone', Promise.race(['end', 'close', 'error'].map(name => event(stream, name))))
}

function event(stream: Duplex, name: string): Promise<void> {
  return new Promise(resolve => stream.once(name, () => resolve()))
}
