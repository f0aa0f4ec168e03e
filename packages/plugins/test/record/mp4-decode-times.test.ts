import { readFileSync } from 'node:fs'
import type { RtmpMessage } from '@rtmpipe/session'
import { samples } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from './support/folder.ts'
import { RecordingServer } from './support/recorded.ts'

const head = [samples.metadata(), samples.videoHeader()]

/** A picture that is shown that many milliseconds after it is decoded. */
function picture(message: RtmpMessage, compositionTime: number): RtmpMessage {
  const payload = Buffer.from(message.payload)
  payload.writeIntBE(compositionTime, 2, 3)
  return { ...message, payload }
}

/** Groups of eight pictures 40 ms apart; two of three are shown before the one ahead of them, where pictures are reordered. */
function groups(count: number, isReordered: (group: number) => boolean): RtmpMessage[] {
  const waits = [80, 160, 40, 40, 160, 40, 40, 80]
  return Array.from({ length: count * waits.length }, (_, index) => {
    const [group, place] = [Math.floor(index / waits.length), index % waits.length]
    const wait = isReordered(group) ? (waits[place] as number) : 80
    return picture(place === 0 ? samples.keyframe(index * 40) : samples.interframe(index * 40), wait)
  })
}

interface Run {
  /** Milliseconds. */
  readonly decoded: number
  readonly waits: readonly number[]
  /** Where its media begins in the file. */
  readonly media: number
}

/** What a reader of the format finds: the track runs of the only track, and the fragments that the index names. */
function read(file: Buffer): { readonly runs: Run[]; readonly fragments: number[]; readonly index: number[] } {
  const units = file.readUInt32BE(file.indexOf('mdhd') + 16) / 1000
  const [runs, fragments, index]: [Run[], number[], number[]] = [[], [], []]
  for (const [type, start] of boxes(file, 0, file.length)) {
    if (type === 'moof') {
      fragments.push(start)
      const [tfdt, trun] = [file.indexOf('tfdt', start), file.indexOf('trun', start)]
      const flags = file.readUInt32BE(trun + 4) & 0xffffff
      const count = file.readUInt32BE(trun + 8)
      const fields = [0x100, 0x200, 0x400, 0x800].filter(flag => flags & flag).length * 4
      const first = trun + 12 + 4 + (flags & 4)
      const waits = Array.from({ length: count }, (_, at) => file.readInt32BE(first + (at + 1) * fields - 4) / units)
      const decoded = Number(file.readBigUInt64BE(tfdt + 8)) / units
      runs.push({ decoded, waits, media: start + file.readInt32BE(trun + 12) })
    }
    if (type === 'mfra') {
      const tfra = file.indexOf('tfra', start)
      for (let at = 0; at < file.readUInt32BE(tfra + 16); at += 1)
        index.push(Number(file.readBigUInt64BE(tfra + 20 + at * 28 + 8)))
    }
  }
  return { runs, fragments, index }
}

function* boxes(file: Buffer, from: number, to: number): Generator<[type: string, start: number]> {
  for (let start = from; start < to; start += file.readUInt32BE(start)) {
    yield [file.toString('latin1', start + 4, start + 8), start]
  }
}

async function recorded(messages: readonly RtmpMessage[]): Promise<Buffer> {
  await using server = new RecordingServer({ dir: temporaryFolder(), format: 'mp4' })
  await server.publish('live/cam', [...head, ...messages])
  const [recorded] = await server.complete()
  return readFileSync(recorded?.file ?? '')
}

describe('an MP4 recording of pictures that are reordered', () => {
  it('has each decoded when it came, and shown as much later as it asked for', async () => {
    const { runs } = read(await recorded(groups(6, () => true)))
    expect(runs.map(({ decoded }) => Math.round(decoded))).toEqual([0, 320, 640, 960, 1280, 1600])
    for (const { waits } of runs) expect(waits.map(Math.round)).toEqual([80, 160, 40, 40, 160, 40, 40, 80])
  })

  it('is as early where a group is not reordered', async () => {
    const { runs } = read(await recorded(groups(6, group => group % 2 === 0)))
    expect(runs.map(({ decoded }) => Math.round(decoded))).toEqual([0, 320, 640, 960, 1280, 1600])
    expect(runs[1]?.waits.map(Math.round)).toEqual([80, 80, 80, 80, 80, 80, 80, 80])
  })

  it('finds its media, and its fragments by the index, where they are', async () => {
    const file = await recorded(groups(6, group => group % 2 === 0))
    const { runs, fragments, index } = read(file)
    expect(index).toEqual(fragments)
    for (const [at, { media }] of runs.entries()) {
      expect(file.toString('latin1', media - 4, media)).toBe('mdat')
      // A picture of the samples begins with its length in every byte's place: the first byte behind the tag's head.
      expect(file.subarray(media, media + 4)).toEqual(samples.keyframe(at).payload.subarray(5, 9))
    }
  })

  it('is left as it is where no picture waits', async () => {
    const plain = groups(3, () => true).map(message => picture(message, 0))
    const { runs } = read(await recorded(plain))
    expect(runs.map(({ decoded }) => Math.round(decoded))).toEqual([0, 320, 640])
  })
})
