import { once } from 'node:events'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { TunnelStream } from '../src/tunnel-stream.ts'
import { closing } from './support/bench.ts'

const MIB = 2 ** 20

function create(limit = 8 * MIB): { stream: TunnelStream; wake: ReturnType<typeof vi.fn> } {
  const wake = vi.fn()
  const stream = new TunnelStream(limit, wake)
  stream.on('error', () => {})
  return { stream, wake }
}

describe('what is written', () => {
  it('comes out in order, however it is written and fetched', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 20 }), { maxLength: 20 }),
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 20 }),
        (writes, lengths) => {
          const { stream } = create()
          for (const bytes of writes) stream.write(bytes)
          const fetched: Buffer[] = []
          for (let index = 0; stream.pending; index++) {
            const length = lengths[index % lengths.length] as number
            const piece = Buffer.concat(stream.fetch(length))
            expect(piece.length).toBeGreaterThan(0)
            expect(piece.length).toBeLessThanOrEqual(length)
            fetched.push(piece)
          }
          expect(Buffer.concat(fetched)).toEqual(Buffer.concat(writes))
          expect(stream.writableLength).toBe(0)
        },
      ),
    )
  })

  it('counts in writableLength until it has been fetched in full', () => {
    const { stream } = create()
    stream.write(Buffer.alloc(100))
    stream.write(Buffer.alloc(50))
    expect(stream.writableLength).toBe(150)
    stream.fetch(60)
    expect(stream.writableLength).toBe(150)
    stream.fetch(40)
    expect(stream.writableLength).toBe(50)
    stream.fetch(1000)
    expect(stream.writableLength).toBe(0)
    expect(stream.pending).toBe(false)
  })

  it('holds the writer back until it is fetched', async () => {
    const { stream } = create()
    expect(stream.write(Buffer.alloc(MIB))).toBe(false)
    const drained = once(stream, 'drain')
    stream.fetch(MIB)
    await drained
  })

  it('wakes the owner', () => {
    const { stream, wake } = create()
    stream.write('x')
    expect(wake).toHaveBeenCalled()
  })

  it('ends a stream on which more than the limit has been waiting', async () => {
    const { stream } = create(1000)
    stream.write(Buffer.alloc(1000))
    stream.write(Buffer.alloc(1))
    expect(stream.destroyed).toBe(false)
    stream.write(Buffer.alloc(1))
    expect(stream.destroyed).toBe(true)
    expect(await closing(stream)).toMatchObject({ name: 'TunnelLimitError', code: 'RTMP_ERR_TUNNEL_BUFFER' })
  })

  it('comes to nothing when the stream is destroyed, as with a socket', async () => {
    const { stream } = create()
    const outcomes = ['a', 'b'].map(word => new Promise(resolve => stream.write(word, resolve)))
    stream.destroy()
    expect(await outcomes[0]).toBeFalsy()
    expect(await outcomes[1]).toMatchObject({ code: 'ERR_STREAM_DESTROYED' })
    expect(stream.fetch(10)).toEqual([])
    expect(await closing(stream)).toBeUndefined()
  })

  it('fails when the stream is destroyed with an error', async () => {
    const { stream } = create()
    const outcome = new Promise(resolve => stream.write('a', resolve))
    stream.destroy(new Error('thrown out'))
    expect(await outcome).toMatchObject({ message: 'thrown out' })
  })

  it('is all fetched before end() takes effect', async () => {
    const { stream } = create()
    stream.end('bye')
    expect(stream.finishing).toBe(false)
    expect(Buffer.concat(stream.fetch(10)).toString()).toBe('bye')
    await vi.waitFor(() => expect(stream.finishing).toBe(true))
    expect(stream.writableFinished).toBe(false)
    const finished = once(stream, 'finish')
    stream.finish()
    await finished
  })
})

describe('what is fed', () => {
  it('is read, then the end', async () => {
    const { stream } = create()
    stream.feed(Buffer.from('abc'))
    stream.feedEnd()
    let text = ''
    for await (const chunk of stream) {
      text += chunk
      if (stream.readableLength === 0) break
    }
    expect(text).toBe('abc')
  })

  it('says when the reader does not keep up, and when it does again', () => {
    const { stream, wake } = create()
    stream.feed(Buffer.alloc(MIB))
    expect(stream.stalled).toBe(true)
    wake.mockClear()
    stream.read()
    expect(stream.stalled).toBe(false)
    expect(wake).toHaveBeenCalled()
  })

  it('never grows beyond the limit', async () => {
    const { stream } = create(1000)
    stream.feed(Buffer.alloc(600))
    expect(stream.hasRoomFor(400)).toBe(true)
    expect(stream.hasRoomFor(401)).toBe(false)
    stream.feed(Buffer.alloc(401))
    expect(stream.destroyed).toBe(true)
    expect(stream.readableLength).toBe(600)
    expect(await closing(stream)).toMatchObject({ code: 'RTMP_ERR_TUNNEL_BUFFER' })
  })
})
