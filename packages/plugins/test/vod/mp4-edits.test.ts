import { metadataOf } from '@rtmpipe/flv'
import { describe, expect, it } from 'vitest'
import { every, pictures, played, sounds, told } from './support/mp4-film.ts'
import { fragmentedMp4, full, tableMp4, u32 } from './support/mp4.ts'

describe('an edit list', () => {
  it('that is empty at the beginning delays the track', async () => {
    const later = sounds(50, {
      edits: [
        [100, -1],
        [1_000, 0],
      ],
    })
    const messages = await played(tableMp4([pictures(25), later]))
    expect(told(messages, 9).slice(1)).toEqual(every(25, 40))
    expect(told(messages, 8).slice(1)).toEqual(every(50, 20, 100))
    expect(metadataOf(messages[0]?.payload ?? Buffer.alloc(0))?.['duration']).toBe(1.1)
  })

  it('that begins with what is shown first keeps sound and pictures together', async () => {
    // As FFmpeg writes it: pictures are shown 80 ms after they are decoded, and 1024 of 48,000 samples are not for listening.
    const shown = pictures(25)
    const samples = shown.samples.map(sample => ({ ...sample, offset: 80 }))
    const video = { ...shown, samples, edits: [[1_000, 80]] as const }
    const messages = await played(tableMp4([video, sounds(50, { edits: [[980, 960]] })]))
    expect(told(messages, 9).slice(1)).toEqual(every(25, 40).map(one => one.replace(' ', '+80 ')))
    expect(told(messages, 8).slice(1)).toEqual(every(50, 20, 60))
  })

  it('that begins later leaves out what is not needed for it', async () => {
    const messages = await played(
      fragmentedMp4([pictures(25, { edits: [[560, 440]] }), sounds(50, { edits: [[560, 21_120]] })], 200),
    )
    // The keyframe before 440 ms, and sound from 100 ms before it on.
    expect(told(messages, 9)).toEqual(['0 header first', ...every(15, 40, 60, 10)])
    expect(told(messages, 8).slice(1)).toEqual(every(33, 20, 0, 17))
  })

  it('has 64 bits, too', async () => {
    const file = tableMp4([
      pictures(10),
      sounds(20, {
        edits: [
          [0, 0],
          [0, 0],
        ],
      }),
    ])
    const at = file.indexOf('elst')
    const long = full('elst', 0x100_0000, u32(1, 0, 200, 0xffff_ffff, 0xffff_ffff)).subarray(4)
    long.copy(file, at)
    expect(told(await played(file), 8)[1]).toBe('200 0')
  })

  it('that ends earlier leaves out the rest', async () => {
    const messages = await played(tableMp4([pictures(25, { edits: [[400, 0]] }), sounds(50, { edits: [[400, 0]] })]))
    expect(told(messages, 9).slice(1)).toEqual(every(10, 40))
    expect(told(messages, 8).slice(1)).toEqual(every(20, 20))
    expect(metadataOf(messages[0]?.payload ?? Buffer.alloc(0))?.['duration']).toBe(0.4)
  })

  it('of a file that goes on in fragments does not know how long they are', async () => {
    const messages = await played(fragmentedMp4([pictures(25, { edits: [[200, 0]] })], 200, { inTables: 200 }))
    expect(told(messages, 9).slice(1)).toEqual(every(25, 40))
  })
})

describe('an edit list of several parts', () => {
  const video = pictures(25)
  /** Pictures, and sound in the same parts. */
  const file = (...edits: (readonly [number, number])[]): Buffer => {
    const ofSound = edits.map(([duration, start]) => [duration, start < 0 ? start : start * 48] as const)
    return tableMp4([{ ...video, edits }, sounds(50, { edits: ofSound })])
  }

  it('shows one after the other', async () => {
    const cut = file([400, 0], [400, 600])
    const messages = await played(cut)
    expect(told(messages, 9).slice(1)).toEqual([...every(10, 40), ...every(10, 40, 400, 15)])
    expect(told(messages, 8).slice(1)).toEqual([...every(20, 20), ...every(20, 20, 400, 30)])
    expect(metadataOf(messages[0]?.payload ?? Buffer.alloc(0))?.['duration']).toBe(0.8)
    expect(told(await played(cut, 650), 9)).toEqual(['0 header first', ...every(5, 40, 0, 20)])
    expect(told(await played(cut, 650), 8).slice(1)).toEqual(every(10, 20, 0, 40))
    const across = await played(cut, 250)
    expect(told(across, 9).slice(1)).toEqual([...every(5, 40, 0, 5), ...every(10, 40, 200, 15)])
    expect(told(across, 8).slice(1)).toEqual([...every(10, 20, 0, 10), ...every(20, 20, 200, 30)])
  })

  it('sends what is needed to decode the next, and time does not step back', async () => {
    const messages = await played(file([400, 0], [320, 680]))
    expect(told(messages, 9).slice(1)).toEqual([...every(10, 40), '360 15', '360 16', ...every(8, 40, 400, 17)])
    expect(told(messages, 8).slice(1)).toEqual([...every(20, 20), ...every(16, 20, 400, 34)])
  })

  it('waits between them', async () => {
    const messages = await played(file([400, 0], [100, -1], [400, 600]))
    expect(told(messages, 9).slice(1)).toEqual([...every(10, 40), ...every(10, 40, 500, 15)])
    expect(told(messages, 8).slice(1)).toEqual([...every(20, 20), ...every(20, 20, 500, 30)])
  })

  it('that follow one another is like one part', async () => {
    const messages = await played(file([400, 0], [281, 400], [319, 680]))
    expect(told(messages, 9).slice(1)).toEqual(every(25, 40))
    expect(told(messages, 8).slice(1)).toEqual(every(50, 20))
  })

  it('shows the same twice', async () => {
    const twice = file([400, 0], [400, 0])
    expect(told(await played(twice), 9).slice(1)).toEqual([...every(10, 40), ...every(10, 40, 400)])
    expect(told(await played(twice, 450), 9).slice(1)).toEqual(every(10, 40))
  })

  it('is refused when it has more than anybody needs', async () => {
    const many = Array.from({ length: 5_000 }, (_, place) => [20, (place % 2) * 400] as const)
    await expect(played(file(...many))).rejects.toMatchObject({ statusCode: 'NetStream.Play.FileStructureInvalid' })
  })
})
