import { readFileSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { RtmpMessage } from '@rtmpipe/session'
import { samples } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import { scanMp4 } from '../../src/record/mp4-scan.ts'
import { Mp4Writer } from '../../src/record/mp4-writer.ts'
import { temporaryFolder } from './support/folder.ts'
import { readMp4 } from './support/mp4-file.ts'

/** A picture without data: five bytes of head. */
const empty = (timestamp: number): RtmpMessage => ({
  ...samples.interframe(timestamp),
  payload: Buffer.from('2701000000', 'hex'),
})

async function writer(): Promise<Mp4Writer> {
  const writer = await Mp4Writer.create(join(temporaryFolder(), 'cam.mp4'), { width: 640, height: 360 })
  for (const message of [samples.videoHeader(), samples.keyframe(0)]) await write(writer, message)
  return writer
}

function write(writer: Mp4Writer, message: RtmpMessage): Promise<void> {
  return writer.write(message, message.timestamp)
}

/** Samples of each fragment, and when the first of them is decoded. */
function fragmentsIn(file: Buffer): { readonly count: number; readonly begin: number }[] {
  const found: { readonly count: number; readonly begin: number }[] = []
  for (let at = 0; at < file.length; at += file.readUInt32BE(at)) {
    if (file.toString('latin1', at + 4, at + 8) !== 'moof') continue
    const [tfdt, trun] = [file.indexOf('tfdt', at), file.indexOf('trun', at)]
    found.push({ count: file.readUInt32BE(trun + 8), begin: Number(file.readBigUInt64BE(tfdt + 8)) })
  }
  return found
}

describe('an MP4 recording without keyframes', () => {
  it('begins another fragment after 32,768 samples, and is read as it was sent', async () => {
    const recording = await writer()
    for (let time = 1; time < 70_000; time += 1) await write(recording, empty(time))
    await write(recording, samples.keyframe(70_000))
    const path = await recording.finish()
    const expected = [
      { count: 32_768, begin: 0 },
      { count: 32_768, begin: 32_768 },
      { count: 4_464, begin: 65_536 },
      { count: 1, begin: 70_000 },
    ]
    const file = readFileSync(path)
    expect(fragmentsIn(file)).toEqual(expected)
    const { times } = await readMp4(path)
    expect(times.get('video 1')).toEqual(Array.from({ length: 70_001 }, (_, time) => time))
    // Decoding can begin in the first and the last fragment only.
    expect(file.readUInt32BE(file.indexOf('tfra') + 16)).toBe(2)
  })

  it('holds no more than a fragment of a million pictures without data', async () => {
    const recording = await writer()
    for (let time = 1; time <= 1_000_000; time += 1) await write(recording, empty(time))
    const part = await recording.abandon()
    await using handle = await open(part)
    const { fragments, end } = await scanMp4(handle)
    expect([fragments, end]).toEqual([Math.floor(1_000_000 / 32_768), statSync(part).size])
    expect(fragmentsIn(readFileSync(part)).every(({ count }) => count === 32_768)).toBe(true)
  })

  it('does not wait for tracks longer than 32,768 messages, whatever their times are', async () => {
    const recording = await writer()
    for (let count = 2; count < 32_768; count += 1) await write(recording, empty(0))
    expect(recording.held).toEqual([])
    await recording.discard()
  })

  it('counts the samples of all tracks', async () => {
    const recording = await writer()
    await write(recording, samples.audioHeader())
    for (let time = 1; time <= 20_000; time += 1) {
      await write(recording, empty(time))
      await write(recording, samples.audio(time, 5))
    }
    const path = await recording.finish()
    const { times } = await readMp4(path)
    expect(times.get('video 1')).toEqual(Array.from({ length: 20_001 }, (_, time) => time))
    expect(times.get('audio 1')).toHaveLength(20_000)
    expect(fragmentsIn(readFileSync(path))).toHaveLength(2)
  })
})
