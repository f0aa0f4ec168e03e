import { expect, test } from 'vitest'
import { frameOf, isIntact } from '../../bench/src/node-load/frame.ts'
import { Reference, Verifier } from '../../bench/src/node-load/verifier.ts'

// What rtmpload publishes: three frames of sound, the beginning of a keyframe, and the picture after it.
const sound = [
  'af0138affe712062856601000000000000008ca0d8fe132e0000cd0300000000000000000000150000006000000008000000aa75194d4a78777c0000000000000000631fa3831703679bddc3778359d37bcb5b590fc7a32bd33529712d0b39cd',
  'af0138affe71206285660200000000000000d87af5ff132e0000c904000000000000000000002a0000006000000008000000fd2c27fed45ae1810000000000000000898b511d55d9bf8ddda9a3e35d11efb38f19a9b57f4b25ff7dc94d91994b',
  'af0138affe7120628566030000000000000076d53a01142e00002905000000000000000000004000000060000000080000001a4d6eadffc7b04d00000000000000007769e1b739ff73cf2537b37fe1a5bd97495b95a109e52797ffa1551fcb27',
].map(bytes)
const keyframe = bytes(
  '170100000000000304658884211038affe7120628566000000000000000030d469fd132e00006d0300000000000000000000000000000d0300000901000034d65fe3823a601e0000000000000000e7e3a9eb0b296d7fe1abf91d',
)
const picture = bytes(
  '270100000000000093419a21101038affe71206285660100000000000000dae566ff132e0000690400000000000000000000210000009c00000009000000053dc89402e115bc0000000000000000631fa3831703679bddc3778359d37bcb5b590fc7a32bd33529712d0b39cdcd4f8b4315b9c3674fe1cdebdf054dd92df11b25233f0fd9fd2b914757635d1df53b5f2f4f99f3a145c181a75fc7a113',
)

function bytes(hex: string): Buffer {
  return Buffer.from(hex, 'hex')
}

test('reads the record of a frame', () => {
  expect(sound.map(each => frameOf('audio', each)?.sequence)).toEqual([1, 2, 3])
  expect(frameOf('video', keyframe)).toMatchObject({ sequence: 0, isKey: true })
  expect(frameOf('video', picture)).toMatchObject({ sequence: 1, isKey: false })
  const [first, second] = [0, 1].map(index => frameOf('audio', sound[index] as Buffer)?.madeAt ?? Number.NaN) as [
    number,
    number,
  ]
  expect(second - first).toBeCloseTo(18.668, 3)
  expect(frameOf('audio', bytes('af001190'))).toBeUndefined()
})

test('knows a frame that is not as it was published', () => {
  expect(isIntact('video', picture)).toBe(true)
  for (const each of sound) {
    expect(isIntact('audio', each)).toBe(true)
    for (const at of [0, 20, each.length - 1]) {
      const other = Buffer.from(each)
      other[at] = (other[at] as number) ^ 1
      expect(isIntact('audio', other)).toBe(false)
    }
  }
})

test('counts what is missing, out of order, or other than what the first player got', () => {
  const reference = new Reference()
  const take = (...frames: readonly Buffer[]) => {
    const verifier = new Verifier(reference)
    for (const frame of frames) verifier.take('audio', frame, 0)
    return [verifier.lost, verifier.corrupted]
  }
  const [first, second, third] = sound as [Buffer, Buffer, Buffer]
  expect(take(first, second, third)).toEqual([0, 0])
  expect(take(second, third)).toEqual([0, 0])
  expect(take(first, third)).toEqual([1, 0])
  expect(take(first, third, second)).toEqual([2, 0])
  const other = Buffer.from(second)
  other[90] = 0
  expect(take(first, other)).toEqual([0, 1])
})

test('tells how long a frame has been on its way, and when the first picture came', () => {
  const verifier = new Verifier(new Reference())
  const { madeAt = 0 } = frameOf('video', picture) ?? {}
  expect(verifier.take('video', picture, madeAt + 3)).toBeCloseTo(3)
  expect(verifier.firstPictureAt).toBeUndefined()
  verifier.take('video', keyframe, 0)
  expect(verifier.firstPictureAt).toBeGreaterThan(0)
})
