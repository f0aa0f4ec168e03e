import { type Duplex, PassThrough, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { describe, expect, it } from 'vitest'
import { closed } from '../src/byte-stream.ts'
import { duplexPair } from '../src/duplex-pair.ts'
import { cutAfter } from '../src/faults/cut-after.ts'
import { faulty } from '../src/faults/faulty.ts'
import { splitReads } from '../src/faults/split-reads.ts'
import { stall } from '../src/faults/stall.ts'
import { MemoryTransport } from '../src/memory-transport.ts'
import { messagePair } from '../src/message-pair.ts'
import { samples } from '../src/samples.ts'
import { transportCompliance } from '../src/transport-compliance.ts'
import type { Listener } from '@rtmpipe/session'

const turn = () => new Promise<void>(resolve => void setImmediate(resolve))

function pieces(stream: Duplex): string[] {
  const got: string[] = []
  stream.on('data', (chunk: Buffer) => void got.push(chunk.toString()))
  return got
}

describe('splitReads', () => {
  it.each<[number | number[], string[]]>([
    [1, ['a', 'b', 'c', 'd', 'e', 'f', 'g']],
    [3, ['abc', 'def', 'g']],
    [100, ['abcdefg']],
    [
      [1, 2],
      ['a', 'bc', 'd', 'ef', 'g'],
    ],
  ])('in pieces of %j', async (sizes, expected) => {
    const [near, far] = duplexPair()
    const got = pieces(splitReads(near, sizes))
    far.end('abcdefg')
    await new Promise(resolve => near.once('end', resolve))
    expect(got).toEqual(expected)
  })

  it('goes through the list from piece to piece, whatever the sender does', async () => {
    const [near, far] = duplexPair()
    const got = pieces(splitReads(near, [2, 1]))
    far.write('abcd')
    far.end('efg')
    await new Promise(resolve => near.once('end', resolve))
    expect(got).toEqual(['ab', 'c', 'd', 'e', 'fg'])
  })

  it.each([0, -1, 1.5, NaN, [], [1, 0]])('has no pieces of %j', sizes => {
    const [near] = duplexPair()
    expect(() => splitReads(near, sizes)).toThrow(expect.objectContaining({ code: 'RTMP_ERR_USAGE' }))
  })
})

describe('cutAfter', () => {
  it.each([
    [0, []],
    [2, ['ab']],
    [3, ['abc']],
    [5, ['abc', 'de']],
    [7, ['abc', 'defg']],
  ])('%d bytes', async (bytes, expected) => {
    const [near, far] = duplexPair()
    const got = pieces(cutAfter(near, bytes))
    const failed = new Promise(resolve => near.once('error', resolve))
    far.on('error', () => {})
    far.write('abc')
    far.write('defg')
    expect(await failed).toMatchObject({ code: 'ECONNRESET' })
    expect(got).toEqual(expected)
    await closed(far)
  })

  it('lets a shorter stream end as it does', async () => {
    const [near, far] = duplexPair()
    const got = pieces(cutAfter(near, 4))
    far.end('abc')
    await new Promise(resolve => near.once('end', resolve))
    expect(got).toEqual(['abc'])
  })
})

describe('stall', () => {
  const read: [how: string, (stream: Duplex, got: unknown[]) => void][] = [
    ["'data'", (stream, got) => void stream.on('data', chunk => got.push(chunk))],
    [
      'a pipeline',
      (stream, got) =>
        void pipeline(
          stream,
          new PassThrough({ objectMode: true }).on('data', chunk => got.push(chunk)),
        ).catch(() => {}),
    ],
    [
      'for await',
      (stream, got) =>
        void (async () => {
          for await (const chunk of stream) got.push(chunk)
        })().catch(() => {}),
    ],
    [
      'read()',
      (stream, got) =>
        void stream.on('readable', () => {
          for (let chunk = stream.read(); chunk !== null; chunk = stream.read()) got.push(chunk)
        }),
    ],
  ]

  it.each(read)('holds the sender of one that is read by %s, and resumed loses nothing', async (_how, start) => {
    const [near, far] = duplexPair({ highWaterMark: 64 })
    const got: Buffer[] = []
    start(near, got)
    far.write('before')
    await turn()
    await turn()
    const stalled = stall(near)
    Readable.from(Array.from({ length: 100 }, (_, index) => Buffer.from(`${index} `.padStart(32)))).pipe(far)
    for (let count = 0; count < 20; count += 1) await turn()
    expect(Buffer.concat(got).toString()).toBe('before')
    expect(far.writableLength).toBeGreaterThan(0)
    near.write('the other way')
    expect((await new Promise<Buffer>(resolve => far.once('data', resolve))).toString()).toBe('the other way')
    stalled.resume()
    await expect.poll(() => Buffer.concat(got).length, { interval: 1 }).toBe(6 + 100 * 32)
    far.destroy()
  })

  it('holds messages as well', async () => {
    const [near, far] = messagePair()
    const got: unknown[] = []
    near.on('data', message => got.push(message))
    const stalled = stall(near)
    for (let index = 0; index < 100; index += 1) far.send(samples.audio(index))
    await turn()
    expect(far.queuedBytes).toBeGreaterThan(80 * 200)
    stalled.resume()
    await expect.poll(() => got.length, { interval: 1 }).toBe(100)
    expect(far.queuedBytes).toBe(0)
  })
})

describe('faulty', () => {
  it('puts the fault into both ends of every connection', async () => {
    const ends: Duplex[] = []
    const transport = faulty(new MemoryTransport(), stream => (ends.push(stream), splitReads(stream, 1)))
    const accepted: Duplex[] = []
    const { address } = await transport.listen(({ stream }) => void accepted.push(stream))
    const { stream } = await transport.dial(new URL(`memory://x:${address.port}`))
    expect(ends).toEqual([...accepted, stream])
    const got = pieces(stream)
    accepted[0]?.end('ab')
    await new Promise(resolve => stream.once('end', resolve))
    expect(got).toEqual(['a', 'b'])
  })

  // Bytes one by one take their time: what floods or sends megabytes is left out.
  const cases = transportCompliance.filter(({ name }) => !/random|order|holds a writer/.test(name))
  it.each(cases)('leaves a transport a transport: $name', one =>
    one.run(() => ({
      transport: faulty(new MemoryTransport(), stream => splitReads(stream, [1_000, 7])),
      dialUrl: ({ address }: Listener) => new URL(`memory://x:${address.port}`),
    })),
  )
})
