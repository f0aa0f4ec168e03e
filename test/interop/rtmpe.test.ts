import { EventEmitter, once } from 'node:events'
import { type AddressInfo, connect as connectTcp, createServer as createTcpServer } from 'node:net'
import { createServer, httpTunnel, type Server, type ServerOptions, tcp } from 'rtmpipe'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { playWithNodeAv, playWithRtmpdump, publishWithFfmpeg, publishWithNodeAv } from '../support/clients.ts'
import { liveRecipe, makeMedia } from '../support/media.ts'
import type { Media } from '../support/media.ts'
import { requireClient } from '../support/programs.ts'
import { publishWithRtmpipe } from '../support/publish-with-rtmpipe.ts'
import { expectRelayed } from '../support/relayed.ts'

let media: Media
let server: Server
let urls: Readonly<Record<'rtmp' | 'rtmpt', string>>
/** Emits the name of a stream when a player has it. */
const plays = new EventEmitter()

beforeAll(async () => {
  media = await makeMedia(liveRecipe)
  ;({ server, urls } = await listen())
})
afterAll(() => server?.close())

async function listen(options: Partial<ServerOptions> = {}): Promise<{ server: Server; urls: typeof urls }> {
  const host = '127.0.0.1'
  const transports = [tcp({ host, port: 0 }), httpTunnel({ host, port: 0 })]
  const server = createServer({ ...options, transports })
  server.use({ name: 'watch', onPlayStart: ({ streamName }) => void plays.emit(streamName) })
  const [rtmp = '', rtmpt = ''] = (await server.listen()).map(({ address }) => `${host}:${address.port}/live`)
  return { server, urls: { rtmp, rtmpt } }
}

describe.concurrent('rtmpdump', () => {
  test.for([
    { scheme: 'rtmpe', carrier: 'rtmp' },
    { scheme: 'rtmpte', carrier: 'rtmpt' },
  ] as const)('plays over $scheme', async ({ scheme, carrier }, context) => {
    await requireClient(context, 'rtmpdump', 'ffmpeg')
    await using player = await playWithRtmpdump(`${scheme}://${urls[carrier]}/rtmpdump-${scheme}`)
    await player.playing()
    await player.program.waitForLine(/HandShake: Type Answer +: 06/)
    await player.program.waitForLine(/HandShake: Genuine Adobe Flash Media Server/)
    await using publisher = publishWithFfmpeg('ffmpeg', media.file, `rtmp://${urls.rtmp}/rtmpdump-${scheme}`)
    await publisher.finish()
    expectRelayed(await player.finish(), media, { fromStart: true })
  })

  test('plays over rtmpe of type 8, and nothing of it can be read on the way', async context => {
    await requireClient(context, 'rtmpdump', 'ffmpeg')
    // rtmpdump itself only ever asks for type 6; its digest does not cover that byte.
    await using wire = await Wire.to(Number(new URL(`http://${urls.rtmp}`).port), 8)
    await using player = await playWithRtmpdump(`rtmpe://127.0.0.1:${wire.port}/live/type-8`)
    await player.playing()
    await player.program.waitForLine(/HandShake: Type Answer +: 08/)
    await player.program.waitForLine(/HandShake: Genuine Adobe Flash Media Server/)
    await using publisher = publishWithFfmpeg('ffmpeg', media.file, `rtmp://${urls.rtmp}/type-8`)
    await publisher.finish()
    expectRelayed(await player.finish(), media, { fromStart: true })
    expect(wire.up.length).toBeGreaterThan(3073)
    expect(wire.down.length).toBeGreaterThan(10_000)
    for (const word of ['connect', 'createStream', 'type-8']) expect(wire.up.includes(word), word).toBe(false)
    for (const word of ['_result', 'onStatus', 'onMetaData']) expect(wire.down.includes(word), word).toBe(false)
  })

  test('plays over rtmpe what our client publishes over rtmpe', async context => {
    await requireClient(context, 'rtmpdump')
    const name = 'ours-to-rtmpdump'
    const started = once(plays, name)
    await using player = await playWithRtmpdump(`rtmpe://${urls.rtmp}/${name}`)
    await started
    await publishWithRtmpipe(media.file, `rtmpe://${urls.rtmp}`, name)
    expectRelayed(await player.finish(), media, { fromStart: true })
  })

  test('is not taken in plain text by a server without rtmpe', async context => {
    await requireClient(context, 'rtmpdump')
    const { server: without, urls } = await listen({ rtmpe: false })
    await using _server = without
    await using player = await playWithRtmpdump(`rtmpe://${urls.rtmp}/any`)
    const { code } = await player.program.exited
    expect(code).not.toBe(0)
  })
})

describe.concurrent('FFmpeg 8.1', () => {
  test.for([
    { scheme: 'rtmpe', carrier: 'rtmp' },
    { scheme: 'rtmpte', carrier: 'rtmpt' },
  ] as const)('plays over $scheme', async ({ scheme, carrier }, context) => {
    await requireClient(context, 'node-av')
    const name = `node-av-${scheme}`
    const started = once(plays, name)
    await using player = playWithNodeAv(`${scheme}://${urls[carrier]}/${name}`)
    await started
    // It encrypts nothing of what it publishes itself.
    await using publisher = publishWithNodeAv(media.file, `rtmp://${urls.rtmp}/${name}`)
    await publisher.finish()
    expectRelayed(await player.finish(), media, { fromStart: true })
  })
})

/** A proxy that keeps what goes through it, and changes the first byte that a client sends. */
class Wire implements AsyncDisposable {
  readonly port: number
  readonly #close: () => void
  readonly #up: Buffer[]
  readonly #down: Buffer[]

  private constructor(port: number, up: Buffer[], down: Buffer[], close: () => void) {
    this.port = port
    this.#up = up
    this.#down = down
    this.#close = close
  }

  static async to(target: number, firstByte: number): Promise<Wire> {
    const [up, down]: [Buffer[], Buffer[]] = [[], []]
    const proxy = createTcpServer(near => {
      const far = connectTcp(target, '127.0.0.1')
      near.on('data', (bytes: Buffer) => {
        if (up.length === 0) bytes[0] = firstByte
        up.push(bytes)
        far.write(bytes)
      })
      far.on('data', (bytes: Buffer) => {
        down.push(bytes)
        near.write(bytes)
      })
      for (const [one, other] of [[near, far] as const, [far, near] as const]) {
        one.on('error', () => {}).on('close', () => other.destroy())
        one.on('end', () => other.end())
      }
    })
    proxy.listen(0, '127.0.0.1')
    await once(proxy, 'listening')
    return new Wire((proxy.address() as AddressInfo).port, up, down, () => proxy.close())
  }

  get up(): Buffer {
    return Buffer.concat(this.#up)
  }

  get down(): Buffer {
    return Buffer.concat(this.#down)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#close()
  }
}
