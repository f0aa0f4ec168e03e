import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { pagesFolder } from '../src/index.ts'
import { applicationUrl, flvPath, hlsPath, streamUrl, typed, watched, watchPath } from '../src/pages/address.ts'

const page = { protocol: 'https:', host: 'live.example.com:8443' }

describe('addresses of the pages', () => {
  it.each([
    ['live', 'stream', '/watch/live/stream'],
    ['live/room', 'stream', '/watch/live/room/stream'],
    ['live', 'größe <b>', '/watch/live/gr%C3%B6%C3%9Fe%20%3Cb%3E'],
    ['live', '100%', '/watch/live/100%25'],
  ])('of %s/%s leads there and back', (app, name, path) => {
    expect(watchPath({ app, name })).toBe(path)
    expect(watched(path)).toEqual({ app, name })
  })

  it('that name no stream are told', () => {
    for (const path of ['/watch/', '/watch/live', '/watch//name', '/watch/live//name'])
      expect(watched(path)).toBeUndefined()
    expect(watched('/watch/live/%zz')).toEqual({ app: 'live', name: '%zz' })
    expect(watched('/watch/live/name/')).toEqual({ app: 'live', name: 'name' })
  })

  it('become those of the same server, encrypted where the page is', () => {
    expect(applicationUrl(page, 'live')).toBe('wss://live.example.com:8443/live')
    expect(streamUrl(page, { app: 'live', name: 'a b' }, '')).toBe('wss://live.example.com:8443/live/a b')
    expect(streamUrl({ protocol: 'http:', host: '[::1]' }, { app: 'live', name: 'a' }, 'key=b')).toBe(
      'ws://[::1]/live/a?key=b',
    )
  })

  it('of FLV and HLS are paths of the same server', () => {
    expect(flvPath({ app: 'live/room', name: '100% a' })).toBe('/live/room/100%25%20a.flv')
    expect(hlsPath({ app: 'live', name: 'größe' })).toBe('/live/gr%C3%B6%C3%9Fe/index.m3u8')
  })

  it('may be typed as a whole stream key', () => {
    expect(typed(' /live/ ', ' stream?key=a&b=c?d ')).toEqual({ app: 'live', name: 'stream', query: 'key=a&b=c?d' })
    expect(typed('live', 'stream')).toEqual({ app: 'live', name: 'stream', query: '' })
  })
})

/** Loaded by who can't do without. */
const apart = /[\\/](flv|hls|native-hls)-[^\\/]+\.js$/

describe('files of the pages', () => {
  it('are at most 15 KB, compressed, and have nothing inline or from elsewhere; what plays otherwise is apart', async () => {
    const entries = await readdir(pagesFolder, { recursive: true, withFileTypes: true })
    const all = entries.filter(entry => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
    const names = all.filter(name => !apart.test(name))
    const ways = all.filter(name => apart.test(name))
    expect(new Set(ways.map(name => apart.exec(name)?.[1]))).toEqual(new Set(['flv', 'hls', 'native-hls']))
    expect(await Promise.all(ways.map(async name => /\beval\(/.test(await readFile(name, 'utf8'))))).not.toContain(true)
    let size = 0
    for (const name of names) {
      const text = await readFile(name, 'utf8')
      size += gzipSync(text, { level: 9 }).length
      if (name.endsWith('.html')) {
        expect(text).not.toMatch(/<style|\son\w+=|style=|<script(?![^>]*\ssrc=)/)
        for (const [, url] of text.matchAll(/(?:src|href)="([^"]*)"/g))
          expect(url).toMatch(/^\/rtmpipe\/pages\/assets\//)
      }
      if (name.endsWith('.css')) expect(text).not.toMatch(/url\(|@import/)
      if (name.endsWith('.js')) expect(text).not.toMatch(/\beval\(|new Function\(|insertAdjacentHTML|document\.write/)
    }
    expect(names.length).toBe(4)
    expect(size).toBeGreaterThan(5_000)
    expect(size).toBeLessThanOrEqual(15 * 1024)
  })

  it('come with the licenses of all that is in them', async () => {
    const licenses = await readFile(join(pagesFolder, '../licenses.txt'), 'utf8')
    for (const name of ['hls.js 1.', 'mpegts.js 1.', 'eventemitter3', 'url-toolkit', 'es6-promise', 'preact'])
      expect(licenses).toContain(name)
  })
})
