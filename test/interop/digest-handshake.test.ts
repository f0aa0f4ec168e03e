import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { deflateSync } from 'node:zlib'
import { createServer, type Listener, type Logger, type Server, swfIdentity, tcp } from 'rtmpipe'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { playWithFfmpeg, playWithNodeAv, publishWithFfmpeg } from '../support/clients.ts'
import { type FlvPlayer, startFlvPlayer } from '../support/clients/flv-player.ts'
import { liveRecipe, makeMedia } from '../support/media.ts'
import type { Media } from '../support/media.ts'
import { framehashOutput, parseFramehash } from '../support/packets.ts'
import { ffmpeg2018, requireClient } from '../support/programs.ts'
import { publishWithRtmpipe } from '../support/publish-with-rtmpipe.ts'
import { expectRelayed } from '../support/relayed.ts'
import { RunningProgram } from '../support/running-program.ts'
import { TemporaryFolder } from '../support/temporary-folder.ts'
import { words } from '../support/words.ts'

/** No more of a SWF than what is looked at: signature, version and size, and something to decompress. */
const swf: Buffer = Buffer.concat([
  Buffer.from('CWS\x0a\x08\x04\x00\x00', 'latin1'),
  deflateSync(Buffer.from(Array.from({ length: 1024 }, (_, i) => (i * 7) & 255))),
])
const identity = swfIdentity(swf)
const hash = identity.hash.toString('hex')

/** S1 of our server, which promises a digest. */
const promised = /(Server version|FMS Version +:) 3\.5\.7\.1/

/** A server that asks everybody for the SWF. */
class AskingServer implements AsyncDisposable {
  /** Error codes of those that were sent away. */
  readonly refusals: unknown[] = []
  readonly server: Server
  /** The name of the first stream that somebody plays. */
  readonly played: Promise<string>

  constructor() {
    const log: Logger = {
      debug: () => {},
      info: () => {},
      warn: fields => void this.refusals.push((fields as { code?: unknown }).code),
      error: () => {},
      child: () => log,
    }
    this.server = createServer({ transports: [tcp({ port: 0 })], swf: [identity], log })
    this.played = new Promise(resolve => {
      this.server.use({ name: 'watch', onPlayStart: ({ streamName }) => resolve(streamName) })
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.close()
  }
}

const server = createServer({ transports: [tcp({ port: 0 })] })
let url: string
let media: Media

beforeAll(async () => {
  media = await makeMedia(liveRecipe)
  url = await urlOf(server)
})
afterAll(() => server.close())

async function urlOf(it: { listen(): Promise<readonly Listener[]> }): Promise<string> {
  const [{ address }] = (await it.listen()) as [Listener]
  return `rtmp://127.0.0.1:${address.port}/live`
}

describe.concurrent('the digest handshake', () => {
  // As players they leave when our digest or signature is wrong.
  test.for(['ffmpeg', 'ffmpeg-2018'] as const)('is verified by %s', async (name, context) => {
    await requireClient(context, name)
    await using player = playWithFfmpeg(name, `${url}/digest-${name}`)
    await player.program.waitForLine(promised)
    await player.playing()
    await using publisher = publishWithFfmpeg(name, media.file, `${url}/digest-${name}`)
    await publisher.finish()
    expectRelayed(await player.finish(), media, { fromStart: true })
  })

  test('is verified by FFmpeg 8', async context => {
    await requireClient(context, 'node-av', 'ffmpeg')
    await using player = playWithNodeAv(`${url}/digest-node-av`)
    await player.program.waitForLine(promised)
    await player.playing()
    await using publisher = publishWithFfmpeg('ffmpeg', media.file, `${url}/digest-node-av`)
    await publisher.finish()
    expectRelayed(await player.finish(), media, { fromStart: true })
  })

  test('is verified by rtmpdump, which asks for it when it has a SWF', async context => {
    await requireClient(context, 'rtmpdump', 'ffmpeg')
    await using player = await playSwf(`${url}/digest-rtmpdump`, words`--swfhash ${hash} --swfsize ${identity.size}`)
    await player.program.waitForLine(promised)
    await player.program.waitForLine(/HandShake: Genuine Adobe Flash Media Server/)
    await player.playing()
    await using publisher = publishWithFfmpeg('ffmpeg', media.file, `${url}/digest-rtmpdump`)
    await publisher.finish()
    expectRelayed(await player.finish(), media, { fromStart: true })
  })
})

// Who answers wrongly is gone before it plays: the answer is sent before that.
describe('SWF verification', () => {
  test('lets rtmpdump in that has worked out the hash of the file itself', async context => {
    await requireClient(context, 'rtmpdump')
    await using files = await SwfFile.serve()
    await using asking = new AskingServer()
    const appUrl = await urlOf(asking.server)
    await using player = await playSwf(`${appUrl}/known`, words`--swfVfy ${files.url}`)
    await player.program.waitForLine(/received ctrl. type: 26/)
    expect(await asking.played).toBe('known')
    await publishWithRtmpipe(media.file, appUrl, 'known', { swf: identity })
    expectRelayed(await player.finish(), media, { fromStart: true })
    expect(asking.refusals).toEqual([])
  })

  test('sends rtmpdump away that has another hash', async context => {
    await requireClient(context, 'rtmpdump')
    await using asking = new AskingServer()
    const wrong = words`--swfhash ${'ab'.repeat(32)} --swfsize ${identity.size}`
    await using player = await playSwf(`${await urlOf(asking.server)}/unknown`, wrong)
    await player.program.exited
    expect(asking.refusals).toContain('RTMP_ERR_SWF_VERIFICATION')
  })

  test.for(['ffmpeg', 'ffmpeg-2018'] as const)(
    'lets %s in that has worked out the hash itself',
    async (name, context) => {
      await requireClient(context, name)
      await using files = await SwfFile.serve()
      await using asking = new AskingServer()
      const appUrl = await urlOf(asking.server)
      const input = words`-rtmp_swfverify ${files.url} -i ${appUrl}/known`
      const args = words`-nostdin -v debug -nostats ${input} ${framehashOutput}`
      const file = name === 'ffmpeg' ? name : ffmpeg2018()
      await using player = new RunningProgram({ name: `${name} as player`, file, args })
      await player.waitForLine(/Sending SWF verification/)
      expect(await asking.played).toBe('known')
      await publishWithRtmpipe(media.file, appUrl, 'known', { swf: identity })
      const { stdout } = await player.finish()
      expectRelayed(parseFramehash(stdout), media, { fromStart: true })
      expect(asking.refusals).toEqual([])
    },
  )
})

/** rtmpdump keeps hashes in the home folder. */
async function playSwf(input: string, options: readonly string[]): Promise<FlvPlayer> {
  const home = await TemporaryFolder.create()
  const player = await startFlvPlayer(file => {
    const args = words`-V --live -r ${input} --swfUrl http://127.0.0.1/player.swf ${options} -o ${file}`
    return new RunningProgram({ file: 'rtmpdump', args, env: { HOME: home.path } })
  }, /sending play/i)
  return {
    ...player,
    async [Symbol.asyncDispose]() {
      await player[Symbol.asyncDispose]()
      await home[Symbol.asyncDispose]()
    },
  }
}

/** The SWF on a web server. */
class SwfFile implements AsyncDisposable {
  readonly url: string
  readonly #close: () => void

  private constructor(url: string, close: () => void) {
    this.url = url
    this.#close = close
  }

  static async serve(): Promise<SwfFile> {
    const server = createHttpServer((_request, response) => {
      const modified = 'Sat, 01 Jan 2011 00:00:00 GMT'
      response.setHeader('Last-Modified', modified).setHeader('Date', new Date().toUTCString())
      response.setHeader('Content-Length', swf.length).end(swf)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    return new SwfFile(`http://127.0.0.1:${port}/player.swf`, () => void server.close())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#close()
  }
}
