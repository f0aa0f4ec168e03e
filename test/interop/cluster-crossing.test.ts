import { describe, test } from 'vitest'
import { playWithFfmpeg, playWithRtmpdump, publishWithFfmpeg } from '../support/clients.ts'
import { Machines } from '../support/cluster/machines.ts'
import { liveRecipe, makeMedia } from '../support/media.ts'
import { requireClient } from '../support/programs.ts'
import { expectRelayed } from '../support/relayed.ts'

describe('a stream of ffmpeg comes from one machine to another bit for bit', () => {
  test('to ffmpeg, which waited, and to rtmpdump, which comes late', async context => {
    await requireClient(context, 'ffmpeg', 'rtmpdump')
    await using cluster = await Machines.start(context)
    const [here, there] = [await cluster.machine(), await cluster.machine()]
    const media = await makeMedia({ ...liveRecipe, seconds: 7 })
    const path = '/live/show'
    await using early = playWithFfmpeg('ffmpeg', `${there.urls.rtmp}${path}`)
    await early.playing()
    await using publisher = publishWithFfmpeg('ffmpeg', media.file, `${here.urls.rtmp}${path}`)
    await publisher.published(1)
    await using late = await playWithRtmpdump(`${there.urls.rtmp}${path}`)
    await publisher.finish()
    expectRelayed(await early.finish(), media, { fromStart: true })
    expectRelayed(await late.finish(), media, { fromStart: false })
  })
})
