import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { closed } from '../support/closed.ts'
import { Served } from '../support/served.ts'

const MEBIBYTE = 2 ** 20
const [continuation, text, binary, ping] = [0x00, 0x01, 0x02, 0x09]
const FIN = 0x80

/** How the server's side of a connection ends. */
async function ending(served: Served): Promise<Error & { readonly code?: string }> {
  const { stream } = await served.connection()
  stream.resume()
  await closed(stream)
  return stream.errored as Error
}

describe('a peer that breaks the rules', () => {
  it.each([
    ['text', FIN | text, Buffer.from('hello'), true, 1003, 'RTMP_ERR_WEBSOCKET_TEXT'],
    ['a frame without a mask', FIN | binary, Buffer.from('hello'), false, 1002, 'RTMP_ERR_WEBSOCKET_FRAME'],
    ['a compressed frame', FIN | 0x40 | binary, Buffer.from('hello'), true, 1002, 'RTMP_ERR_WEBSOCKET_FRAME'],
    ['an unknown kind of frame', FIN | 0x05, Buffer.from('hello'), true, 1002, 'RTMP_ERR_WEBSOCKET_FRAME'],
    ['the middle of nothing', FIN | continuation, Buffer.from('hello'), true, 1002, 'RTMP_ERR_WEBSOCKET_FRAME'],
    ['a ping of too many bytes', FIN | ping, Buffer.alloc(126), true, 1002, 'RTMP_ERR_WEBSOCKET_FRAME'],
  ])('by %s is told so and ended', async (_what, first, payload, isMasked, closeCode, code) => {
    const served = await Served.start()
    const raw = await served.upgrade()
    raw.frame(first, payload, isMasked)
    expect(await ending(served)).toMatchObject({ code })
    expect(await raw.closeCode()).toBe(closeCode)
  })

  it('by a message of more than 1 MiB is ended before it has come', async () => {
    const served = await Served.start()
    const raw = await served.upgrade()
    raw.frame(FIN | binary, Buffer.alloc(0), true, MEBIBYTE + 1)
    expect(await ending(served)).toMatchObject({ code: 'RTMP_ERR_WEBSOCKET_FRAME' })
    expect(await raw.closeCode()).toBe(1009)
  })

  it('by one in parts that are too long together is ended too', async () => {
    const served = await Served.start()
    const raw = await served.upgrade()
    raw.frame(binary, Buffer.alloc(MEBIBYTE / 2))
    raw.frame(continuation, Buffer.alloc(MEBIBYTE / 2))
    raw.frame(continuation, Buffer.alloc(1))
    expect(await ending(served)).toMatchObject({ code: 'RTMP_ERR_WEBSOCKET_FRAME' })
    expect(await raw.closeCode()).toBe(1009)
  })

  it('by a message in thousands of parts is ended too', async () => {
    const served = await Served.start()
    const raw = await served.upgrade()
    raw.frame(binary, Buffer.alloc(1))
    for (let part = 0; part < 1_100; part++) raw.frame(continuation, Buffer.alloc(1))
    expect(await ending(served)).toMatchObject({ code: 'RTMP_ERR_WEBSOCKET_FRAME' })
  })

  it('by going on after the end of its direction is ended', async () => {
    const served = await Served.start()
    const raw = await served.upgrade()
    raw.frame(FIN | binary, Buffer.alloc(0))
    raw.frame(FIN | binary, Buffer.from('more'))
    expect(await ending(served)).toMatchObject({ code: 'RTMP_ERR_WEBSOCKET_FRAME' })
    expect(await raw.closeCode()).toBe(1002)
  })

  it('by leaving in the middle of a message ends itself alone', async () => {
    const served = await Served.start()
    const other = await served.upgrade()
    const first = await served.connection()
    const raw = await served.upgrade()
    const { stream } = await served.connection(1)
    raw.frame(FIN | binary, Buffer.alloc(10), true, 1_000)
    raw.socket.destroy()
    stream.resume()
    await closed(stream)
    expect(stream.errored).toMatchObject({ code: 'RTMP_ERR_WEBSOCKET_CLOSED' })
    other.frame(FIN | binary, Buffer.from('still here'))
    const [bytes] = (await once(first.stream, 'data')) as [Buffer]
    expect(bytes.toString()).toBe('still here')
  })
})

describe('a message in parts', () => {
  it('is put together, with a ping in between', async () => {
    const served = await Served.start()
    const raw = await served.upgrade()
    raw.frame(binary, Buffer.from('one '))
    raw.frame(FIN | ping, Buffer.from('?'))
    raw.frame(FIN | continuation, Buffer.from('two'))
    const { stream } = await served.connection()
    const [bytes] = (await once(stream, 'data')) as [Buffer]
    expect(bytes.toString()).toBe('one two')
  })
})

describe('a page that is left', () => {
  it('ends what comes from it, and the connection', async () => {
    const served = await Served.start()
    const raw = await served.upgrade()
    raw.frame(0x88, Buffer.of(0x03, 0xe9))
    const { stream } = await served.connection()
    stream.resume()
    await once(stream, 'end')
    await closed(stream)
    expect(stream.errored).toBeNull()
    expect(await raw.closeCode()).toBe(1001)
  })
})

describe('a peer that is gone without a word', () => {
  it('is noticed, as it answers no ping', async () => {
    const served = await Served.start({ pingInterval: 20 })
    const raw = await served.upgrade()
    expect(await ending(served)).toMatchObject({ code: 'RTMP_ERR_WEBSOCKET_DEAD' })
    // The ping was sent.
    expect(raw.bytes.includes(Buffer.of(0x89, 0x00))).toBe(true)
  })
})
