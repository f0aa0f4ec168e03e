import { metadataOf } from '@rtmpipe/flv'
import { expect, it } from 'vitest'
import { pictures, played, sounds } from './support/mp4-film.ts'
import { aacEntry, box, fragmentedMp4, full, tableMp4, u8, u16, u32 } from './support/mp4.ts'

/** As it is in MP4, and in QuickTime, whose version 1 has four numbers more (QuickTime File Format, "Sound Sample Description"). */
const simple = (format: string, ...boxes: Buffer[]): Buffer =>
  box(format, Buffer.alloc(6), u16(1), u32(0, 0), u16(2, 16), u32(0), u16(44_100, 0), ...boxes)
const quickTime = (format: string, ...boxes: Buffer[]): Buffer =>
  box(format, Buffer.alloc(6), u16(1, 1, 0), u32(0), u16(2, 16, 0xfffe, 0, 44_100, 0), u32(1_152, 0, 0, 2), ...boxes)

/** An object type of MPEG-4 audio, without anything for a decoder. */
const descriptor = (objectType: number): Buffer =>
  full('esds', 0, u8(3, 21, 0, 0, 0, 4, 13, objectType, 0x15), Buffer.alloc(11), u8(6, 1, 2))

it.each([
  ['.mp3', simple('.mp3')],
  ['.mp3 of QuickTime', quickTime('.mp3', box('wave', box('frma', Buffer.from('.mp3'))))],
  ['ms\\0U', simple('ms\0U')],
  ['ms\\0U of QuickTime', quickTime('ms\0U', box('wave', box('ms\0U', Buffer.alloc(30))))],
  ['mp4a that says MPEG-1', simple('mp4a', descriptor(0x6b))],
  ['mp4a that says MPEG-2', simple('mp4a', descriptor(0x69))],
  ['mp4a of QuickTime', quickTime('mp4a', box('wave', box('frma', Buffer.from('mp4a')), descriptor(0x6b)))],
])('MP3 under %s is played, in tables and in fragments', async (_, entry) => {
  const sound = sounds(20, { entries: [entry] })
  for (const file of [tableMp4([pictures(10), sound]), fragmentedMp4([pictures(10), sound], 200, { inTables: 200 })]) {
    const messages = await played(file)
    expect(metadataOf(messages[0]?.payload ?? Buffer.alloc(0))).toMatchObject({
      audiocodecid: 2,
      audiosamplerate: 44_100,
    })
    const heard = messages.filter(({ messageTypeId }) => messageTypeId === 8)
    // 44,100 Hz, 16 bits, stereo, and no sequence header.
    expect(heard.map(({ payload }) => payload.toString('hex'))).toEqual(
      sound.samples.map(({ data }) => `2f${data.toString('hex')}`),
    )
    expect(heard.map(({ timestamp }) => timestamp)).toEqual(sound.samples.map((__, place) => place * 20))
  }
})

it('MP3 that becomes AAC has a sequence header from there on', async () => {
  const samples = sounds(20).samples.map((sample, place) => ({ ...sample, description: place < 10 ? 1 : 2 }))
  const changed = sounds(20, { samples, entries: [simple('.mp3'), aacEntry(48_000)] })
  const heard = (await played(tableMp4([changed]))).filter(({ messageTypeId }) => messageTypeId === 8)
  const heads = heard.map(({ payload }) => payload.toString('hex', 0, payload[0] === 0xaf ? 2 : 1))
  expect(heads).toEqual([...Array<string>(10).fill('2f'), 'af00', ...Array<string>(10).fill('af01')])
})
