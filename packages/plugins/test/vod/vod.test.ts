import { pluginCompliance } from '@rtmpipe/testing'
import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { vod, VodError } from '@rtmpipe/plugins/vod'
import { BlockCache } from '../../src/vod/block-cache.ts'
import { TemporaryFolder } from '../../../../test/support/temporary-folder.ts'
import { all, Cinema } from './support/cinema.ts'
import * as flv from './support/flv.ts'
import { countReads } from './support/reads.ts'

describe('is a plugin that', () => {
  it.each(pluginCompliance)('$name', one =>
    one.run(async () => {
      const folder = await TemporaryFolder.create()
      return { plugin: vod({ dir: folder.path }), dispose: () => folder[Symbol.asyncDispose]() }
    }),
  )
})

it.each([0, -1, Number.NaN, Infinity, 1024])('refuses a cache of %d bytes', cacheSize => {
  expect(() => vod({ dir: '.', cacheSize })).toThrow(VodError)
  expect(() => vod({ dir: '.', cacheSize })).toThrow(expect.objectContaining({ code: 'RTMP_ERR_VOD_OPTION' }))
})

it('plays from the application that it is given', async () => {
  const movie = flv.flv([...flv.headers, ...flv.film(3)])
  await using cinema = await Cinema.open({ 'movie.flv': movie, 'a/movie.flv': movie }, { app: 'old/films' })
  expect(await cinema.playAll('old/films/movie')).toHaveLength(9)
  expect(await cinema.playAll('old/films/a/movie')).toHaveLength(9)
  const player = await cinema.play('vod/movie')
  expect(player.isRecorded).toBe(false)
})

describe('the cache', () => {
  const block = BlockCache.blockSize

  it('holds no more than it may', async () => {
    const cache = new BlockCache(3 * block)
    const reads: string[] = []
    const get = (key: string) =>
      cache.get(key, async () => {
        reads.push(key)
        return Buffer.from(key)
      })
    await Promise.all(['a', 'b', 'c', 'a', 'b', 'c'].map(get))
    expect(reads).toEqual(['a', 'b', 'c'])
    await get('a')
    await get('d')
    expect(cache.size).toBe(3)
    // `b` was unused longest.
    await get('c')
    await get('a')
    expect(reads).toEqual(['a', 'b', 'c', 'd'])
    await get('b')
    expect(reads).toEqual(['a', 'b', 'c', 'd', 'b'])
  })

  it('forgets what could not be read', async () => {
    const cache = new BlockCache(3 * block)
    await expect(cache.get('a', () => Promise.reject(new Error('EIO')))).rejects.toThrow('EIO')
    expect(String(await cache.get('a', async () => Buffer.from('now')))).toBe('now')
  })

  it('lets a file that is larger be read by many', async () => {
    const long = flv.flv([...flv.headers, ...flv.film(100, 60_000)])
    await using cinema = await Cinema.open({ 'movie.flv': long }, { cacheSize: 1024 * 1024 })
    using reads = await countReads()
    const players = await Promise.all(Array.from({ length: 10 }, () => cinema.play('vod/movie')))
    const counts = await Promise.all(players.map(async player => (await all(player)).length))
    expect(new Set(counts)).toEqual(new Set([203]))
    // They go side by side: the cache is a tenth of the file.
    expect(reads.bytes).toBeLessThan(2 * long.length)
  })
})

it.skipIf(process.platform !== 'linux')('leaves no file open', async () => {
  const movie = flv.flv([...flv.headers, ...flv.film(3)])
  const names = Array.from({ length: 30 }, (_, index) => `movie${index}.flv`)
  const cinema = await Cinema.open(Object.fromEntries(names.map(name => [name, movie])))
  const before = openFiles()
  for (const name of names) await cinema.playAll(`vod/${name}`)
  expect(openFiles() - before).toBeLessThanOrEqual(16)
  const player = await cinema.play('vod/movie1', { bufferLength: 0 })
  await player.pausePlay(true)
  await cinema[Symbol.asyncDispose]()
  await new Promise<void>(resolve => void player.on('close', resolve).destroy())
  expect(openFiles()).toBeLessThanOrEqual(before)
})

function openFiles(): number {
  return readdirSync('/proc/self/fd').length
}
