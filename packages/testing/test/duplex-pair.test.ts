import { once } from 'node:events'
import { type Duplex, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { duplexPair } from '../src/duplex-pair.ts'

/** Unlike `toArray()` this leaves the other direction open. */
const collect = async (stream: Duplex): Promise<Buffer> => {
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  await once(stream, 'end')
  return Buffer.concat(chunks)
}
const closed = (stream: Duplex): Promise<unknown> => (stream.closed ? Promise.resolve() : once(stream, 'close'))

describe('duplexPair', () => {
  it('carries any writes in both directions, whatever the buffers', async () => {
    const writes = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(writes, writes, fc.integer({ min: 1, max: 64 }), async (up, down, highWaterMark) => {
        const [left, right] = duplexPair({ highWaterMark })
        for (const bytes of up) left.write(bytes)
        for (const bytes of down) right.write(bytes)
        left.end()
        right.end()
        const [atRight, atLeft] = await Promise.all([collect(right), collect(left)])
        expect(atRight).toEqual(Buffer.concat(up))
        expect(atLeft).toEqual(Buffer.concat(down))
        await Promise.all([closed(left), closed(right)])
      }),
      { numRuns: 50 },
    )
  })

  it('delivers nothing before write() has returned', async () => {
    const [left, right] = duplexPair()
    let depth = 0
    let deepest = 0
    let bounces = 5_000
    const bounce = (stream: Duplex) => (chunk: Buffer) => {
      deepest = Math.max(deepest, ++depth)
      if (bounces-- > 0) stream.write(chunk)
      else stream.end()
      depth--
    }
    left.on('data', bounce(left)).on('end', () => left.end())
    right.on('data', bounce(right)).on('end', () => right.end())
    left.write('ping')
    await Promise.all([once(left, 'close'), once(right, 'close')])
    expect(deepest).toBe(1)
  })

  it('holds the writer back until the far end is read', async () => {
    const [left, right] = duplexPair({ highWaterMark: 8 })
    let taken = 0
    for (let write = 0; write < 10; write++) left.write(Buffer.alloc(8), () => taken++)
    await new Promise(resolve => setImmediate(resolve))
    expect(left.writableNeedDrain).toBe(true)
    expect(right.readableLength).toBe(8)
    expect(taken).toBe(0)
    right.resume()
    await once(left, 'drain')
    expect(taken).toBe(10)
  })

  it('goes on in one direction after end() in the other', async () => {
    const [left, right] = duplexPair()
    left.end('question')
    expect((await collect(right)).toString()).toBe('question')
    right.end('answer')
    expect((await collect(left)).toString()).toBe('answer')
    await Promise.all([closed(left), closed(right)])
  })

  it('closes the far end, without an error, when one is destroyed with one', async () => {
    const [left, right] = duplexPair()
    const errors: Error[] = []
    right.on('error', error => errors.push(error))
    left.on('error', () => {})
    left.destroy(new Error('mine'))
    await once(right, 'close')
    expect(errors).toEqual([])
    expect(right.errored).toBeNull()
  })

  it('is a premature close to a pipeline at the far end', async () => {
    const [left, right] = duplexPair()
    const running = pipeline(right, new Transform({ transform: (chunk, _, done) => done(null, chunk) }), right)
    left.destroy()
    await expect(running).rejects.toMatchObject({ code: 'ERR_STREAM_PREMATURE_CLOSE' })
  })

  it('lets the far end read what was ended properly before this end was destroyed', async () => {
    const [left, right] = duplexPair()
    left.end('last words')
    await once(left, 'finish')
    left.destroy()
    expect((await collect(right)).toString()).toBe('last words')
    await closed(right)
  })

  it('fails a write to an end that is gone', async () => {
    const [left, right] = duplexPair()
    left.end()
    await once(left, 'finish')
    left.destroy()
    const failure = once(right, 'error')
    right.write('anybody there?')
    expect((await failure)[0]).toMatchObject({ code: 'EPIPE' })
  })

  it('lets go of a writer held back by an end that is destroyed', async () => {
    const [left, right] = duplexPair({ highWaterMark: 4 })
    left.write(Buffer.alloc(64))
    await new Promise(resolve => setImmediate(resolve))
    right.destroy()
    await once(left, 'close')
    expect(left.errored).toBeNull()
  })
})
