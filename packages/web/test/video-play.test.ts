import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { VideoPlay } from '../src/pages/ways/video-play.ts'
import type { Stop, VideoWay } from '../src/pages/ways/video-way.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A way that stops when the test says so, and all that is told of it. */
function setUp({ isBack = async () => true }: { readonly isBack?: () => Promise<boolean> } = {}) {
  const video = Object.assign(new EventTarget(), { play: async () => {} }) as unknown as HTMLVideoElement
  const said: string[] = []
  const broken: string[] = []
  const stops: ((stop: Stop) => void)[] = []
  let running = 0
  const way: VideoWay = (_video, _url, stopped) => {
    running += 1
    stops.push(stopped)
    return () => void (running -= 1)
  }
  const play = new VideoPlay(video, '/live/show.flv', {
    load: async () => way,
    isBack,
    say: text => void said.push(text),
    broken: reason => void broken.push(reason),
  })
  const stop = (why: Stop): void => stops.at(-1)?.(why)
  return { play, video, said, broken, stops, stop, running: () => running }
}

it('begins again after a connection was lost, later each time, and says why', async () => {
  const { play, said, stops, stop, running, video } = setUp()
  await vi.advanceTimersByTimeAsync(0)
  video.dispatchEvent(new Event('playing'))
  stop({ type: 'lost' })
  expect(said).toEqual(['Connecting …', '', 'The connection is lost. Connecting again …'])
  expect(running()).toBe(0)
  await vi.advanceTimersByTimeAsync(1_000)
  expect(stops.length).toBe(2)
  stop({ type: 'lost', status: 404 })
  expect(said.at(-1)).toBe('Waiting for the stream …')
  await vi.advanceTimersByTimeAsync(1_999)
  expect(stops.length).toBe(2)
  await vi.advanceTimersByTimeAsync(1)
  expect(stops.length).toBe(3)
  expect(running()).toBe(1)
  play.close()
  expect(running()).toBe(0)
})

it('begins again after the end only when the stream goes on', async () => {
  const answers = [false, true]
  const { said, stops, stop } = setUp({ isBack: async () => answers.shift() ?? false })
  await vi.advanceTimersByTimeAsync(0)
  stop({ type: 'end' })
  expect(said.at(-1)).toBe('The stream has ended.')
  await vi.advanceTimersByTimeAsync(1_000)
  expect(stops.length).toBe(1)
  await vi.advanceTimersByTimeAsync(2_000)
  expect(stops.length).toBe(2)
})

it.each([401, 403])('does not ask again where the answer is %s', async status => {
  const { said, stops, stop, running } = setUp()
  await vi.advanceTimersByTimeAsync(0)
  stop({ type: 'lost', status })
  await vi.advanceTimersByTimeAsync(60_000)
  expect(said.at(-1)).toBe('The server refuses to play this stream.')
  expect([stops.length, running()]).toEqual([1, 0])
})

it('tells once that a way leads nowhere, also when its script is not there', async () => {
  const { broken, stop, running } = setUp()
  await vi.advanceTimersByTimeAsync(0)
  stop({ type: 'broken', reason: 'no codec' })
  stop({ type: 'broken', reason: 'again' })
  expect(broken).toEqual(['no codec'])
  expect(running()).toBe(0)
  const absent: string[] = []
  new VideoPlay(new EventTarget() as HTMLVideoElement, '', {
    load: () => Promise.reject(new Error('no script')),
    isBack: async () => true,
    say: () => {},
    broken: reason => void absent.push(reason),
  })
  await vi.advanceTimersByTimeAsync(0)
  expect(absent).toEqual(['no script'])
})

it('does nothing any more when it is closed', async () => {
  const { play, said, stops, stop } = setUp()
  await vi.advanceTimersByTimeAsync(0)
  stop({ type: 'lost' })
  const before = said.length
  play.close()
  await vi.advanceTimersByTimeAsync(60_000)
  stop({ type: 'end' })
  expect([said.length, stops.length]).toEqual([before, 1])
})
