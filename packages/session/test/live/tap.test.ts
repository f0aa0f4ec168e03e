import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { samples, sampleStream } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import { LiveStream } from '../../src/live/live-stream.ts'

const { audio, interframe, keyframe, metadata, videoHeader } = samples

const turn = () => new Promise<void>(resolve => void setImmediate(resolve))

function tapping() {
  const stream = new LiveStream('live', 'name', { mergeWindow: 10_000, gopCache: { maxMessages: 5 } })
  stream.startPublish()
  const taken: number[][] = []
  let ends = 0
  const tap = () =>
    stream.tap({
      take: messages => void taken.push(messages.map(({ timestamp }) => timestamp)),
      end: () => void (ends += 1),
    })
  const write = (...messages: RtmpMessage[]) => {
    for (const message of messages) stream.write(message)
  }
  return { stream, taken, tap, write, ends: () => ends }
}

describe('a tap', () => {
  it('gets what a late player gets before it is made, then what comes in each turn, and the end', async () => {
    const { stream, taken, tap, write, ends } = tapping()
    write(metadata(), videoHeader(0), keyframe(40), audio(50))
    tap()
    expect(taken).toEqual([[0, 40, 40, 50]])
    write(interframe(80), audio(90))
    await turn()
    write(audio(100))
    await turn()
    expect(taken.slice(1)).toEqual([[80, 90], [100]])
    write(audio(110))
    stream.endPublish()
    expect([taken.at(-1), ends(), stream.consumerCount]).toEqual([[110], 1, 0])
  })

  it('gets nothing after it was ended, neither messages nor the end', async () => {
    const { stream, taken, tap, write, ends } = tapping()
    const end = tap()
    end()
    write(audio(0))
    await turn()
    stream.endPublish()
    expect([taken, ends(), stream.consumerCount]).toEqual([[], 0, 0])
  })

  it('made by one lets those before it have first what waits', () => {
    const { stream, taken, tap, write } = tapping()
    tap()
    write(keyframe(0), audio(10))
    let beginning: number[] = []
    stream.tap({ take: messages => (beginning = messages.map(({ timestamp }) => timestamp)), end: () => {} })
    expect([taken, beginning]).toEqual([[[0, 10]], [0, 10]])
  })

  it('made in the middle of a group that is not cached gets pictures from the next keyframe on', async () => {
    const { taken, tap, write } = tapping()
    write(keyframe(0), ...Array.from({ length: 10 }, (_, index) => interframe(index)))
    tap()
    for (const time of [20, 22]) {
      write(interframe(time), audio(time + 1))
      await turn()
    }
    write(keyframe(30), interframe(31))
    await turn()
    expect(taken).toEqual([[21], [23], [30, 31]])
  })

  it('is over when the publisher has left and is expected back', () => {
    const { stream, tap, ends } = tapping()
    tap()
    stream.keepOpen()
    stream.endPublish()
    expect([ends(), stream.consumerCount, stream.isLive]).toEqual([1, 0, true])
  })

  it('is no viewer, and holds nobody up', () => {
    const { stream, tap, write } = tapping()
    tap()
    write(...sampleStream(20))
    expect([stream.viewers, stream.sent, stream.consumerCount]).toEqual([0, 0, 1])
  })
})
