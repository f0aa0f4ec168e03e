import { expect, it } from 'vitest'
import { firstSupported, videoCodecStrings } from '../../src/browser/publisher/codecs.ts'

it('names codec, profile and level', () => {
  const [small, hd, full] = [
    { width: 640, height: 360, frameRate: 30 },
    { width: 1280, height: 720, frameRate: 30 },
    { width: 1920, height: 1080, frameRate: 60 },
  ]
  expect(videoCodecStrings('avc1', small)).toEqual(['avc1.64001e', 'avc1.4d001e', 'avc1.42e01e'])
  expect(videoCodecStrings('avc1', hd)[2]).toBe('avc1.42e01f')
  expect(videoCodecStrings('vp09', hd)).toEqual(['vp09.00.31.08'])
  expect(videoCodecStrings('av01', full)).toEqual(['av01.0.09M.08'])
  // More than any level has.
  expect(videoCodecStrings('vp09', { ...full, width: 16_000 })).toEqual(['vp09.00.51.08'])
})

it('takes the first that there is an encoder for', async () => {
  const asked: string[] = []
  const found = await firstSupported(['a', 'b', 'c', 'd'], async config => {
    asked.push(config)
    if (config === 'a') throw new TypeError('a codec that is not known')
    return { supported: config === 'c' }
  })
  expect(found).toBe('c')
  expect(asked).toEqual(['a', 'b', 'c'])
  expect(await firstSupported(['a'], async () => ({}))).toBeUndefined()
})
