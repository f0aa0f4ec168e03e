import { PassThrough } from 'node:stream'
import { MessageType, parseUserControl, type RtmpMessage } from '@rtmpipe/chunk-stream'
import { createServer, type Listener, type Server, tcp } from 'rtmpipe'
import { beforeAll, describe, test } from 'vitest'
import {
  playWithFfmpeg,
  playWithGstreamer,
  playWithNodeAv,
  playWithRtmpdump,
  publishWithFfmpeg,
} from '../support/clients.ts'
import type { Player } from '../support/clients.ts'
import { liveRecipe, makeMedia } from '../support/media.ts'
import type { Media } from '../support/media.ts'
import { type ClientName, requireClient } from '../support/programs.ts'
import { expectRelayed } from '../support/relayed.ts'

let media: Media
beforeAll(async () => {
  media = await makeMedia(liveRecipe)
})

/** A server that pings whoever says nothing for 200 ms. */
class PingingServer implements AsyncDisposable {
  readonly server: Server
  readonly #waiting: { count: number; resolve: () => void }[] = []
  #answers = 0

  constructor() {
    const create = () => new PassThrough({ objectMode: true }).on('data', it => this.#see(it))
    this.server = createServer({
      transports: [tcp({ host: '127.0.0.1', port: 0 })],
      limits: { pingInterval: 200, pingTimeout: 5_000 },
      stages: [{ name: 'answers', position: 'afterDemux', create }],
    })
  }

  async listen(): Promise<string> {
    const [{ address }] = (await this.server.listen()) as readonly [Listener]
    return `rtmp://127.0.0.1:${address.port}/live/pinged`
  }

  /** Resolves when that many pings have been answered. */
  async answered(count: number): Promise<void> {
    await new Promise<void>(resolve => void this.#waiting.push({ count, resolve }))
  }

  #see({ messageTypeId, payload }: RtmpMessage): void {
    if (messageTypeId !== MessageType.UserControl || parseUserControl(payload)?.type !== 'PingResponse') return
    this.#answers += 1
    for (const { count, resolve } of this.#waiting) if (this.#answers >= count) resolve()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.close()
  }
}

const players: readonly [ClientName, (url: string) => Player | Promise<Player>][] = [
  ['ffmpeg', url => playWithFfmpeg('ffmpeg', url)],
  ['ffmpeg-2018', url => playWithFfmpeg('ffmpeg-2018', url)],
  ['rtmpdump', playWithRtmpdump],
  ['gstreamer', playWithGstreamer],
  ['node-av', playWithNodeAv],
]

// Publishers that send media are never pinged: ffmpeg would not answer.
describe.concurrent('a player that waits', () => {
  test.for(players)('is pinged, answers and plays: %s', async ([name, play], context) => {
    await requireClient(context, name, 'ffmpeg')
    await using server = new PingingServer()
    const url = await server.listen()
    await using player = await play(url)
    await server.answered(4)
    await using publisher = publishWithFfmpeg('ffmpeg', media.file, url)
    await publisher.finish()
    // rtmp2src may lose the message before the end.
    expectRelayed(await player.finish(), media, { fromStart: true, lostAtEnd: name === 'gstreamer' ? 2 : 0 })
  })
})
