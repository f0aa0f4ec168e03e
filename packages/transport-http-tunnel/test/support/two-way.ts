import type { Duplex } from 'node:stream'
import type { Random } from '../../../../test/support/random.ts'

/** Bytes written at a time, at most; some are far smaller, as audio is. */
const MOST = 6_000

/** Writes all of `bytes` piece by piece, some of them a moment apart. */
export async function writeAll(stream: Duplex, bytes: Buffer, random: Random): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const end = at + 1 + random.below(random.of([50, 500, MOST]))
    await new Promise<void>((resolve, reject) => {
      stream.write(bytes.subarray(at, end), error => (error ? reject(error) : resolve()))
    })
    if (random.below(2) === 0) await new Promise(resolve => setTimeout(resolve, random.below(6)))
    at = end
  }
}

/** Reads to the end, and leaves the other direction alone; rejects with the error that the stream closes with. */
export function readAll(stream: Duplex): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.once('end', () => resolve(Buffer.concat(chunks)))
    stream.once('error', reject)
    stream.once('close', () => reject(new Error(`closed after ${Buffer.concat(chunks).length} bytes`)))
  })
}
