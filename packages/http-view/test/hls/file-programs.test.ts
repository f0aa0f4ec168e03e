import type { Host, OpenFile } from '@rtmpipe/session'
import { expect, it, vi } from 'vitest'
import { Files } from '../../src/hls/file/files.ts'
import { hlsSettings } from '../../src/hls/options.ts'
import { stream } from '../support/cut.ts'

it('is not closed while it is opened for somebody', async () => {
  const messages = stream({ seconds: 4, gop: 25 })
  let goOn = () => {}
  const found = new Promise<void>(resolve => (goOn = resolve))
  const release = vi.fn()
  const [metadata] = messages
  if (metadata === undefined) throw new Error('there is nothing in it')
  const file: OpenFile = {
    media: {
      duration: 4_000,
      metadata,
      async find(timestamp) {
        await found
        return { timestamp: timestamp - (timestamp % 1_000) }
      },
      async *read({ timestamp: from }) {
        yield* messages.slice(1, 3)
        yield* messages.slice(3).filter(({ timestamp }) => timestamp >= from)
      },
    },
    release,
  }
  const host = { server: { abilities: { openFile: async () => file } } } as unknown as Host
  const files = new Files(host, hlsSettings({}))
  const opening = files.open('vod', 'film')
  await Promise.resolve()
  files.look(0, () => false)
  goOn()
  const program = await opening
  expect([program?.index('')?.type, release.mock.calls.length]).toEqual(['application/vnd.apple.mpegurl', 0])
  files.look(1_000, () => false)
  expect(release).toHaveBeenCalledOnce()
})
