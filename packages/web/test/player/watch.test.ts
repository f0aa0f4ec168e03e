import type { RtmpMessage } from '@rtmpipe/session'
import { deny, RtmpServer } from '@rtmpipe/session'
import { connect } from '@rtmpipe/session/client'
import { MemoryTransport, samples } from '@rtmpipe/testing'
import { expect, onTestFinished, test, vi } from 'vitest'
import { backoff } from '../../src/browser/player/backoff.ts'
import { Watch, type WatchMessage } from '../../src/browser/player/watch.ts'

/** A server in memory, and what is told of a stream that is watched on it. */
async function setUp(plugin: ConstructorParameters<typeof RtmpServer>[0]['plugins'] = []) {
  const memory = new MemoryTransport()
  const server = new RtmpServer({ transports: [memory], plugins: plugin })
  const [listener] = await server.listen()
  const url = `memory://anywhere:${listener!.address.port}/live`
  const [told, taken]: [WatchMessage[], RtmpMessage[]] = [[], []]
  const dial = (to: string, { signal }: { signal: AbortSignal }) => connect(to, { transports: [memory], signal })
  const taker = { cut: () => {}, take: async (message: RtmpMessage) => void taken.push(message) }
  const watch = new Watch(taker, message => void told.push(message), dial)
  onTestFinished(async () => {
    watch.close()
    await server.close()
  })
  const publish = async () => {
    const client = await connect(url, { transports: [memory] })
    onTestFinished(() => client.close())
    const stream = await client.publish('show')
    stream.write(samples.videoHeader())
    stream.write(samples.keyframe(0))
    return { client, stream }
  }
  return {
    watch,
    url,
    told,
    taken,
    publish,
    types: () => told.map(({ type }) => type),
    close: () => server.close(),
  }
}

test('what is played arrives, and a publisher that leaves may return', async () => {
  const { watch, url, taken, types, publish } = await setUp()
  const playing = watch.play(`${url}/show`)
  const { client } = await publish()
  await expect.poll(() => taken.length).toBeGreaterThan(0)
  expect(types()).toEqual(['started'])
  await client.close()
  await expect.poll(types).toEqual(['started', 'away'])
  const before = taken.length
  await publish()
  await expect.poll(() => taken.length).toBeGreaterThan(before)
  watch.close()
  await playing
  expect(types()).toEqual(['started', 'away'])
})

test("a refusal is told in the server's words, and is not tried again", async () => {
  const { watch, url, told } = await setUp([
    { name: 'closed', onPlay: () => deny('NetStream.Play.Failed', 'members only') },
  ])
  await watch.play(`${url}/show?key=secret`)
  expect(told).toEqual([{ type: 'error', code: 'NetStream.Play.Failed', message: 'members only' }])
})

test('a URL without a stream is an error at once', async () => {
  const { watch, told } = await setUp()
  await watch.play('memory://anywhere/')
  expect(told).toMatchObject([{ type: 'error', code: 'RTMP_ERR_URL' }])
})

test('a server that closes is tried again, later each time, until nobody wants it any more', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const { watch, url, told, types, close } = await setUp()
  const playing = watch.play(`${url}/show`)
  await vi.waitFor(() => expect(types()).toEqual(['started']))
  await close()
  const attempts = () => told.flatMap(each => (each.type === 'reconnect' ? each.attempt : []))
  while (attempts().length < 3) await vi.advanceTimersByTimeAsync(1_000)
  expect(attempts().slice(0, 3)).toEqual([1, 2, 3])
  expect(types().filter(type => type !== 'reconnect')).toEqual(['started'])
  watch.close()
  await playing
})

test('waits double, up to ten seconds, and are never quite the same', () => {
  expect([0, 1, 2, 3, 4, 5, 50].map(attempt => backoff(attempt, 0.5))).toEqual([
    500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000,
  ])
  expect([backoff(0, 0), backoff(0, 0.999)].map(Math.round)).toEqual([400, 600])
})
