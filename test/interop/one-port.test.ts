import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { playWithFfmpeg, playWithRtmpdump, publishWithFfmpeg, publishWithGstreamer } from '../support/clients.ts'
import { liveRecipe, makeMedia } from '../support/media.ts'
import type { Media } from '../support/media.ts'
import { requireClient } from '../support/programs.ts'
import { expectRelayed } from '../support/relayed.ts'
import { schemes, ServerProcess } from '../support/server-process.ts'

let media: Media
let withoutBFrames: Media
beforeAll(async () => {
  // What is to be seen is in the first bytes: the matrix of transports has more media.
  const recipe = { ...liveRecipe, seconds: 2 }
  media = await makeMedia(recipe)
  withoutBFrames = await makeMedia({ ...recipe, bFrames: 0 })
})

describe.each([1, 2])('one port of %i workers', workers => {
  // A player at another worker than the publisher begins with what is kept for late players: at a keyframe.
  const fromStart = workers === 1
  let server: ServerProcess
  beforeAll(async () => {
    server = await ServerProcess.start({ onePort: true, args: ['--workers', String(workers)] })
  })
  afterAll(() => server?.stop())

  test('is the same for all schemes', () => {
    expect(new Set(schemes.map(scheme => new URL(server.urls[scheme].replace(/^\w+/, 'http')).port)).size).toBe(1)
  })

  describe.concurrent('takes', () => {
    test.for(schemes)('ffmpeg, published and played over %s', async (scheme, context) => {
      await requireClient(context, 'ffmpeg')
      const url = `${server.urls[scheme]}/live/ffmpeg-${scheme}`
      await using player = playWithFfmpeg('ffmpeg', url)
      await player.playing()
      await using publisher = publishWithFfmpeg('ffmpeg', media.file, url)
      await publisher.finish()
      // What it gathers for a POST is lost when it ends.
      const lostAtEnd = scheme.startsWith('rtmpt') ? 10 : 0
      expectRelayed(await player.finish(), media, { fromStart, lostAtEnd })
    })

    test.for(schemes)('rtmpdump, which plays over %s', async (scheme, context) => {
      await requireClient(context, 'rtmpdump')
      const path = `/live/rtmpdump-${scheme}`
      await using player = await playWithRtmpdump(`${server.urls[scheme]}${path}`)
      await player.playing()
      await using publisher = publishWithFfmpeg('ffmpeg-2018', media.file, `${server.urls.rtmp}${path}`)
      await publisher.finish()
      expectRelayed(await player.finish(), media, { fromStart })
    })

    test('rtmpdump with RTMPE', async context => {
      await requireClient(context, 'rtmpdump')
      const path = '/live/rtmpe'
      await using player = await playWithRtmpdump(`${server.urls.rtmp.replace('rtmp:', 'rtmpe:')}${path}`)
      await player.playing()
      await using publisher = publishWithFfmpeg('ffmpeg-2018', media.file, `${server.urls.rtmp}${path}`)
      await publisher.finish()
      expectRelayed(await player.finish(), media, { fromStart })
    })

    test.for(['rtmp', 'rtmps'] as const)('GStreamer, published over %s', async (scheme, context) => {
      await requireClient(context, 'gstreamer')
      const path = `/live/rtmp2sink-${scheme}`
      await using player = playWithFfmpeg('ffmpeg-2018', `${server.urls.rtmp}${path}`)
      await player.playing()
      await using publisher = publishWithGstreamer(withoutBFrames.file, `${server.urls[scheme]}${path}`)
      await publisher.finish()
      expectRelayed(await player.finish(), withoutBFrames, { fromStart, tolerance: 1 })
    })

    test.each(['http', 'https'])('curl, by %s', async scheme => {
      const url = `${server.urls.rtmp.replace('rtmp:', `${scheme}:`)}/ready`
      // Several, so that each worker has some.
      for (let time = 0; time < 4; time += 1) {
        const { stdout } = await promisify(execFile)('curl', ['-sS', '--insecure', '--http1.1', url])
        expect(stdout).toMatch(/ok|ready/)
      }
    })
  })
})
