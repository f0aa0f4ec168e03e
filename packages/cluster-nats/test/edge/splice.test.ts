import { samples } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import type { Arrival } from '../../src/edge/frame-reader.ts'
import { Splice } from '../../src/edge/splice.ts'
import { FrameFlag, FrameKind } from '../../src/wire/frame.ts'
import { framed } from '../support/test-origin.ts'

/** What becomes of frames, as text: messages by their time, and what is told. */
class Told {
  readonly all: string[] = []
  readonly splice: Splice = new Splice({
    take: ({ timestamp }) => void this.all.push(String(timestamp)),
    hole: () => void this.all.push('hole'),
    restart: () => void this.all.push('restart'),
    headersMissing: () => void this.all.push('headers missing'),
    end: isCutOff => void this.all.push(isCutOff ? 'cut off' : 'end'),
  })
}

/** Messages numbered as they are timed. */
function media(first: number, count = 1, headers = 0): Arrival {
  const messages = Array.from({ length: count }, (_, index) => framed(samples.audio(first + index)))
  return { kind: FrameKind.Media, flags: 0, seq: first, sentAt: 0, headers, messages }
}

function sign(kind: Arrival['kind'], seq: number, flags = 0): Arrival {
  return { kind, flags, seq, sentAt: 0, headers: 0, messages: [] }
}

function snapshot(seq: number, ...times: readonly number[]): Arrival {
  const messages = times.map(time => framed(samples.audio(time)))
  return { kind: FrameKind.Snapshot, flags: 0, seq, sentAt: 0, headers: 0, messages }
}

describe('a splice', () => {
  it('holds frames for the snapshot, and leaves out what that contains, also of a frame in its middle', () => {
    const { all, splice } = new Told()
    splice.push(media(5, 2), 0)
    splice.push(media(7, 3), 1)
    splice.push(media(10), 2)
    expect(all).toEqual([])
    splice.snapshot(snapshot(8, 5, 6, 7, 8), 3)
    splice.push(media(11), 4)
    expect(all).toEqual(['restart', '5', '6', '7', '8', '9', '10', '11'])
  })

  it('goes on with what comes after the snapshot, without any before it', () => {
    const { all, splice } = new Told()
    splice.snapshot(snapshot(0), 0)
    splice.push(media(1, 2), 1)
    expect(all).toEqual(['restart', '1', '2'])
  })

  it('leaves out what comes twice', () => {
    const { all, splice } = new Told()
    splice.snapshot(snapshot(0), 0)
    for (const frame of [media(1, 2), media(1, 2), media(2, 2), media(1)]) splice.push(frame, 1)
    expect(all).toEqual(['restart', '1', '2', '3'])
  })

  it('tells of a hole before what comes after it, be it messages or a tick', () => {
    const { all, splice } = new Told()
    splice.snapshot(snapshot(0), 0)
    splice.push(media(1), 1)
    splice.push(media(3), 1)
    splice.push(sign(FrameKind.Tick, 4), 1)
    splice.push(sign(FrameKind.Tick, 6), 1)
    splice.push(media(6), 1)
    expect(all).toEqual(['restart', '1', 'hole', '3', 'hole', '6'])
  })

  it('goes on where numbers wrap', () => {
    const { all, splice } = new Told()
    splice.snapshot(snapshot(0xfffffffe), 0)
    splice.push(media(0xffffffff, 2), 1)
    splice.push(media(1), 1)
    splice.push(media(0xffffffff, 2), 1)
    expect(all).toEqual(['restart', '4294967295', '4294967296', '1'])
  })

  it('waits for another snapshot when headers are missing, and not when they are there', () => {
    const { all, splice } = new Told()
    splice.snapshot(snapshot(0), 0)
    const header = framed(samples.videoHeader(3))
    splice.push({ ...media(3), messages: [header], headers: 1 }, 1)
    expect(all).toEqual(['restart', 'hole', '3'])
    splice.push(media(5, 1, 2), 1)
    splice.push(media(6, 1, 2), 1)
    expect(all.slice(3)).toEqual(['headers missing'])
    splice.snapshot({ ...snapshot(5, 4, 5), headers: 2 }, 2)
    splice.push(media(8, 1, 2), 3)
    expect(all.slice(4)).toEqual(['restart', '4', '5', '6', 'hole', '8'])
  })

  it('held in vain goes on without a snapshot, after a hole if there is one', () => {
    const { all, splice } = new Told()
    splice.snapshot(snapshot(0), 0)
    splice.hold()
    splice.push(media(2), 1)
    splice.push(media(3), 1)
    splice.release()
    expect(all).toEqual(['restart', 'hole', '2', '3'])
  })

  it('held goes on at once when what comes shows that nothing is missing', () => {
    const { all, splice } = new Told()
    splice.snapshot(snapshot(0), 0)
    splice.hold()
    splice.push(media(1), 1)
    expect([splice.isHolding, ...all]).toEqual([false, 'restart', '1'])
    splice.begin()
    splice.push(media(2), 1)
    expect(splice.isHolding).toBe(true)
  })

  it('holds two seconds, and as many bytes as it may', () => {
    const { all, splice } = new Told()
    for (let seq = 1; seq <= 30; seq += 1) splice.push(media(seq), seq * 100)
    splice.snapshot(snapshot(0), 3_000)
    expect(all).toEqual(['restart', 'hole', ...Array.from({ length: 21 }, (_, index) => String(10 + index))])
    const { all: more, splice: other } = new Told()
    for (let seq = 1; seq <= 6; seq += 1) {
      other.push({ ...media(seq), messages: [framed(samples.audio(seq, 1024 * 1024))] }, 0)
    }
    other.snapshot(snapshot(0), 1)
    expect(more).toEqual(['restart', 'hole', '3', '4', '5', '6'])
  })

  it('tells the end after what comes before it', () => {
    const { all, splice } = new Told()
    splice.push(media(1), 0)
    splice.push(sign(FrameKind.End, 2), 0)
    splice.snapshot(snapshot(0), 1)
    expect(all).toEqual(['restart', '1', 'end'])
    splice.push(sign(FrameKind.End, 2, FrameFlag.CutOff), 1)
    expect(all.at(-1)).toBe('cut off')
  })
})
