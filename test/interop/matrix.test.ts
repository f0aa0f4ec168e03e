import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { decodeErrors, playWithFfmpeg, publishWithFfmpeg } from '../support/clients.ts'
import { liveRecipe, makeMedia } from '../support/media.ts'
import type { Media } from '../support/media.ts'
import { requireClient } from '../support/programs.ts'
import { expectRelayed } from '../support/relayed.ts'
import { run } from '../support/running-program.ts'
import { schemes, ServerProcess } from '../support/server-process.ts'
import type { Scheme } from '../support/server-process.ts'
import { TemporaryFolder } from '../support/temporary-folder.ts'
import { words } from '../support/words.ts'

let server: ServerProcess
let media: Media
/** Longer than a busy machine takes to start a player. */
let longer: Media

beforeAll(async () => {
  media = await makeMedia(liveRecipe)
  longer = await makeMedia({ ...liveRecipe, seconds: 7 })
  server = await ServerProcess.start()
})
afterAll(() => server?.stop())

/** A way through the server: publisher's and player's transport. */
const ways = schemes.flatMap(from => schemes.map(to => ({ from, to })))

describe.concurrent('ffmpeg to ffmpeg', () => {
  test.for(ways)('over $from to $to', async ({ from, to }, context) => {
    await requireClient(context, 'ffmpeg')
    const name = `matrix-${from}-${to}`
    await using player = playWithFfmpeg('ffmpeg', `${server.urls[to]}/live/${name}`)
    await player.playing()
    await using publisher = publishWithFfmpeg('ffmpeg', media.file, `${server.urls[from]}/live/${name}`)
    await publisher.finish()
    expectRelayed(await player.finish(), media, { fromStart: true, lostAtEnd: lostByFfmpeg(from) })
  })

  test.for(schemes)('joins late over %s', async (scheme, context) => {
    await requireClient(context, 'ffmpeg')
    const path = `/live/late-${scheme}`
    await using publisher = publishWithFfmpeg('ffmpeg', longer.file, `${server.urls.rtmp}${path}`)
    await publisher.published(1)
    await using player = playWithFfmpeg('ffmpeg', `${server.urls[scheme]}${path}`)
    await publisher.finish()
    const { video } = expectRelayed(await player.finish(), longer, { fromStart: false })
    expect(video[0], 'first video packet, a second after the start').toBeGreaterThan(0)
  })

  test.for(schemes)('publishes over %s with a build of 2018, which plays too', async (scheme, context) => {
    await requireClient(context, 'ffmpeg-2018')
    const url = `${server.urls[scheme]}/live/2018-${scheme}`
    await using player = playWithFfmpeg('ffmpeg-2018', url)
    await player.playing()
    await using publisher = publishWithFfmpeg('ffmpeg-2018', media.file, url)
    await publisher.finish()
    expectRelayed(await player.finish(), media, { fromStart: true, lostAtEnd: lostByFfmpeg(scheme) })
  })

  test('publishes as fast as the server takes it', async context => {
    await requireClient(context, 'ffmpeg')
    const url = `${server.urls.rtmp}/live/fast`
    await using player = playWithFfmpeg('ffmpeg', url)
    await player.playing()
    await using publisher = publishWithFfmpeg('ffmpeg', media.file, url, { realtime: false })
    await publisher.finish()
    expectRelayed(await player.finish(), media, { fromStart: true })
  })

  test('serves a late player what it can decode from the first frame on', async context => {
    await requireClient(context, 'ffmpeg')
    await using folder = await TemporaryFolder.create()
    const url = `${server.urls.rtmp}/live/decodable`
    await using publisher = publishWithFfmpeg('ffmpeg', longer.file, url)
    await publisher.published(1)
    const file = folder.file('late.flv')
    await run('ffmpeg', words`-nostdin -v error -i ${url} -c copy -copyinkf ${file}`)
    await publisher.finish()
    expect(await decodeErrors(file)).toEqual([])
  })
})

/**
 * As a publisher through the tunnel FFmpeg sends when ten packets have come together, and drops the rest when it ends:
 * the server never gets them.
 */
function lostByFfmpeg(scheme: Scheme): number {
  return scheme.startsWith('rtmpt') ? 10 : 0
}
