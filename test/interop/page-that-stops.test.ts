import { connect, createServer, type Listener, MessageType, type PublishStream, tcp, webSocket } from 'rtmpipe'
import { expect, onTestFinished, test } from 'vitest'
import { openWebPage, servePage } from './browser/web-page.ts'

const MiB = 1024 * 1024
const maxPlayerQueueBytes = 4 * MiB
/** On its way at most: what need not be acknowledged, what any connection may hold, and the pictures that cross these. */
const maxOnItsWay = MiB + 128 * 1024 + 3 * 100_000

const html = `<!doctype html><title>stops</title><script type="module">
  import * as web from '/rtmpipe/rtmpipe.js'
  globalThis.web = web
</script>`

/** Publishes pictures of 20 Mbit/s, each when the server has the one before; a keyframe each half second. */
class Source {
  readonly #stream: PublishStream
  readonly #received: () => number
  #sent = 0

  /** @param received bytes that the server has of it */
  constructor(stream: PublishStream, received: () => number) {
    this.#stream = stream
    this.#received = received
  }

  get timestamp(): number {
    return (this.#sent - 1) * 40
  }

  async send(pictures: number): Promise<void> {
    for (const end = this.#sent + pictures; this.#sent < end; this.#sent += 1) {
      const payload = Buffer.alloc(100_000, this.#sent)
      payload.writeUInt16BE(this.#sent % 12 === 0 ? 0x1701 : 0x2701)
      const message = { messageTypeId: MessageType.Video, messageStreamId: 0, timestamp: this.#sent * 40, payload }
      this.#stream.write(message)
      await expect.poll(this.#received, { interval: 1 }).toBe((this.#sent + 1) * payload.length)
    }
  }
}

test.for(['WebSocketStream', 'WebSocket'])(
  'a page on a %s that stops reading 20 Mbit/s costs what is configured, and goes on at a keyframe',
  async (kind, context) => {
    const server = createServer({
      transports: [webSocket({ port: 0, origins: '*' }), tcp({ port: 0, host: '127.0.0.1' })],
      // Faster than life, a merge window would have many pictures.
      mergeWindow: 0,
      limits: { maxPlayerQueueBytes, maxPlayerLag: 60_000 },
    })
    onTestFinished(() => server.close())
    const [pages, encoders] = (await server.listen()) as readonly [Listener, Listener]
    const { page, complaints } = await openWebPage(context, await servePage(html))
    await page.waitForFunction('globalThis.web')
    await page.evaluate(`(async () => {
      if ('${kind}' === 'WebSocket') delete globalThis.WebSocketStream
      const client = await web.connect('ws://127.0.0.1:${pages.address.port}/live')
      globalThis.got = []
      globalThis.play = await client.play('show')
      play.on('data', ({ timestamp, payload, discontinuity }) => got.push([timestamp, payload[0] >> 4, payload.length]))
    })()`)
    await using client = await connect(`rtmp://127.0.0.1:${encoders.address.port}/live`)
    const source = new Source(await client.publish('show'), () => server.streams.get('live', 'show')?.bytes ?? 0)
    await source.send(12)
    await expect.poll(() => page.evaluate('got.length')).toBe(12)
    const [player = expect.unreachable()] = server.players

    await page.evaluate('play.pause()')
    const before = [player.connection.bytesSent, process.memoryUsage().rss]
    let [lag, inFlight] = [0, 0]
    for (let second = 0; second < 16; second += 1) {
      await source.send(25)
      lag = Math.max(lag, player.lag.bytes)
      inFlight = Math.max(inFlight, player.connection.estimate.bytesInFlight ?? Infinity)
    }
    const taken = player.connection.bytesSent - (before[0] as number)
    const grown = ((process.memoryUsage().rss - (before[1] as number)) / MiB).toFixed(1)
    const { dropped } = player
    const figures = `${kind}: at most ${lag} bytes waited and ${inFlight} were on their way; the page took ${taken} of 40,000,000 before it stopped; ${dropped} pictures dropped; the process (with the publisher) grew by ${grown} MiB`
    await context.annotate(figures)
    console.log(figures)
    expect(dropped).toBeGreaterThan(200)
    expect(lag).toBeLessThan(1.25 * maxPlayerQueueBytes + 100_000)
    expect(inFlight).toBeLessThan(maxOnItsWay)
    // A PlayStream takes 64 messages before it stops, and layers below it some more.
    expect(taken).toBeLessThan(15_000_000)

    await page.evaluate('play.resume()')
    await source.send(13)
    await expect.poll(() => page.evaluate('got.at(-1)[0]'), { timeout: 10_000 }).toBe(source.timestamp)
    const got = await page.evaluate<[number, number, number][]>('got')
    const gap = got.findIndex(([timestamp], index) => timestamp - (got[index - 1]?.[0] ?? 0) > 40)
    expect([gap > 0, got[gap]?.[1]]).toEqual([true, 1])
    expect(got.length).toBe(425 - dropped)
    expect(complaints).toEqual([])
  },
)
