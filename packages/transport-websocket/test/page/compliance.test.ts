import type { Transport } from '@rtmpipe/session'
import { transportCompliance } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import { webSocket as inBrowsers } from '../../src/browser.ts'
import { webSocket } from '../../src/index.ts'
import { dialFromPage } from '../../src/page/dial.ts'
import { page, pageWithStreams } from './fake-page.ts'

/** A page can't tell whether its words have been taken by the system, nor cut a connection. */
const beyondPages = ['holds a writer back while nobody reads, and loses nothing']

describe.each([
  { name: 'WebSocket', of: page },
  { name: 'WebSocketStream', of: pageWithStreams },
])('dialling from a page with $name keeps the Transport contract', ({ of }) => {
  const cases = transportCompliance.filter(({ name }) => of === pageWithStreams || !beyondPages.includes(name))
  it.each(cases)('$name', one =>
    one.run(() => ({
      transport: {
        ...webSocket({ port: 0 }),
        dial: (url, { signal } = {}) => dialFromPage(url, 10_000, signal, of),
      } satisfies Transport,
      dialUrl: ({ address }) => new URL(`ws://${address.address}:${address.port}/live`),
    })),
  )
})

describe('in a browser', () => {
  it('says whether it paces', async () => {
    const listener = await webSocket({ port: 0 }).listen(({ stream }) => stream.resume())
    const url = new URL(`ws://127.0.0.1:${listener.address.port}/live`)
    const plain = await dialFromPage(url, 10_000, undefined, page)
    const paced = await dialFromPage(url, 10_000, undefined, pageWithStreams)
    expect([plain.paces, paced.paces]).toEqual([false, undefined])
    for (const { stream } of [plain, paced]) stream.destroy()
    await listener.close()
  })

  it('says what may be wrong where nobody answers', async () => {
    for (const of of [page, pageWithStreams])
      await expect(dialFromPage(new URL('ws://127.0.0.1:1/live'), 10_000, undefined, of)).rejects.toMatchObject({
        code: 'RTMP_ERR_WEBSOCKET_REPLY',
        message: expect.stringContaining('127.0.0.1:1'),
      })
  })

  it('does not listen', async () => {
    await expect(inBrowsers().listen()).rejects.toMatchObject({ code: 'RTMP_ERR_WEBSOCKET_OPTION' })
  })
})
