import { afterAll, beforeAll, describe, test } from 'vitest'
import {
  playWithFfmpeg,
  playWithGstreamer,
  playWithNodeAv,
  playWithRtmpdump,
  publishWithFfmpeg,
  publishWithGstreamer,
  publishWithNodeAv,
} from '../support/clients.ts'
import { liveRecipe, makeMedia } from '../support/media.ts'
import type { Media } from '../support/media.ts'
import { requireClient } from '../support/programs.ts'
import { expectRelayed } from '../support/relayed.ts'
import { schemes, ServerProcess } from '../support/server-process.ts'

let server: ServerProcess
let media: Media
let withoutBFrames: Media

beforeAll(async () => {
  media = await makeMedia(liveRecipe)
  withoutBFrames = await makeMedia({ ...liveRecipe, bFrames: 0 })
  server = await ServerProcess.start()
})
afterAll(() => server?.stop())

describe.concurrent('rtmpdump', () => {
  // Over TLS it is offered TLS 1.2: with GnuTLS, as in Debian, it crashes at the tickets of TLS 1.3.
  test.for(schemes)('plays over %s', async (scheme, context) => {
    await requireClient(context, 'rtmpdump')
    const path = `/live/rtmpdump-${scheme}`
    await using player = await playWithRtmpdump(`${server.urls[scheme]}${path}`)
    await player.playing()
    await using publisher = publishWithFfmpeg('ffmpeg-2018', media.file, `${server.urls.rtmp}${path}`)
    await publisher.finish()
    expectRelayed(await player.finish(), media, { fromStart: true })
  })
})

describe.concurrent('GStreamer', () => {
  test.for(['rtmp', 'rtmps'] as const)('publishes over %s', async (scheme, context) => {
    await requireClient(context, 'gstreamer')
    const path = `/live/rtmp2sink-${scheme}`
    await using player = playWithFfmpeg('ffmpeg-2018', `${server.urls.rtmp}${path}`)
    await player.playing()
    await using publisher = publishWithGstreamer(withoutBFrames.file, `${server.urls[scheme]}${path}`)
    await publisher.finish()
    expectRelayed(await player.finish(), withoutBFrames, { fromStart: true, tolerance: 1 })
  })

  test.for(['rtmp', 'rtmps'] as const)('plays over %s', async (scheme, context) => {
    await requireClient(context, 'gstreamer')
    const path = `/live/rtmp2src-${scheme}`
    await using player = await playWithGstreamer(`${server.urls[scheme]}${path}`)
    await player.playing()
    await using publisher = publishWithFfmpeg('ffmpeg-2018', media.file, `${server.urls.rtmp}${path}`)
    await publisher.finish()
    expectRelayed(await player.finish(), media, { fromStart: true, lostAtEnd: 2 })
  })
})

describe.concurrent('FFmpeg 8', () => {
  // Not over rtmpts: it asks its HTTP client to go on without TLS, and that now refuses ("Cannot reuse HTTP connection
  // for different protocol https vs http").
  test.for(['rtmp', 'rtmps', 'rtmpt'] as const)('publishes and plays over %s', async (scheme, context) => {
    await requireClient(context, 'node-av')
    const url = `${server.urls[scheme]}/live/node-av-${scheme}`
    await using player = playWithNodeAv(url)
    await player.playing()
    await using publisher = publishWithNodeAv(media.file, url)
    await publisher.finish()
    expectRelayed(await player.finish(), media, { fromStart: true, lostAtEnd: scheme === 'rtmpt' ? 10 : 0 })
  })
})
