import { mkdir, rename, symlink, unlink, utimes, writeFile } from 'node:fs/promises'
import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fileNames } from '../../src/vod/file-names.ts'
import { Folder } from '../../src/vod/folder.ts'
import * as flv from './support/flv.ts'
import { Cinema } from './support/cinema.ts'

const movie = flv.flv([...flv.headers, ...flv.film(3)])
const messages = 9

describe('names', () => {
  it.each([
    ['', 'movie', ['movie.flv', 'movie.mp4', 'movie.m4v', 'movie.f4v', 'movie.mov', 'movie.m4a']],
    ['mp4', 'movie', ['movie.mp4', 'movie.m4v', 'movie.f4v', 'movie.mov', 'movie.m4a']],
    ['mp4', 'movie.mp4', ['movie.mp4', 'movie.mp4.mp4']],
    ['flv', 'movie', ['movie.flv']],
  ])('%s:%s', (filePrefix, fileName, files) => {
    expect(fileNames({ folder: '', filePrefix, fileName, rawQuery: '' }).slice(0, files.length)).toEqual(files)
    expect(fileNames({ folder: 'a/b', filePrefix, fileName, rawQuery: '' })[0]).toBe(`a/b/${files[0]}`)
  })

  it.each([
    '..',
    '../movie',
    'a/../../movie',
    'a/./movie',
    '/etc/passwd',
    'a//movie',
    'movie/',
    '.movie',
    'a/.movie',
    'a\\movie',
    'movie\0',
    'movie\n',
    'movie.',
    'movie ',
    'a./movie',
    '',
  ])('has no file for %j', fileName => {
    expect(fileNames({ folder: '', filePrefix: '', fileName, rawQuery: '' })).toEqual([])
    expect(fileNames({ folder: 'a', filePrefix: '', fileName, rawQuery: '' })).toEqual([])
  })

  it.each(['C:movie', 'movie.flv::$DATA', '*', 'movie?', 'movie%3F'])(
    'has a file for %j, except on Windows',
    fileName => {
      const name = { folder: '', filePrefix: '', fileName, rawQuery: '' }
      expect(fileNames(name, false)).toContain(`${decodeURIComponent(fileName)}.flv`)
      expect(fileNames(name, true).filter(file => /[:*?]/.test(file))).toEqual([])
    },
  )

  it.each([
    ['front drive', ['front drive']],
    ['front%20drive', ['front%20drive', 'front drive']],
    ['%D0%94%d1%80%D0%B5%D0%B2', ['%D0%94%d1%80%D0%B5%D0%B2', 'Древ']],
    ['what%3F%20%231', ['what%3F%20%231', 'what? #1']],
    ['a+b', ['a+b']],
    ['a%2Bb', ['a%2Bb', 'a+b']],
    ['100%', ['100%']],
    ['100%25', ['100%25', '100%']],
    ['50%-off%20film', ['50%-off%20film', '50%-off film']],
    ['x%2520y', ['x%2520y', 'x%20y']],
    // No UTF-8: read like such a name that is not encoded.
    ['%CF%F0', ['%CF%F0', 'Ïð']],
    ['%83%5C', ['%83%5C', 'ƒŜ']],
    ['%85%2Fb', ['%85%2Fb']],
    // Other spellings of what is written as it is.
    ['secre%74', ['secre%74']],
    ['a%2Fb', ['a%2Fb']],
    ['%2e%2E/movie', ['%2e%2E/movie']],
    ['..%2fmovie', []],
    ['a%20/..%2Fmovie', []],
    ['%5c..%5cmovie', ['%5c..%5cmovie']],
    ['movie%00', ['movie%00']],
    ['movie%0A', ['movie%0A']],
    ['movie%20', ['movie%20']],
    ['a%20/movie', ['a%20/movie']],
    ['%2Fetc/passwd', ['%2Fetc/passwd']],
  ])('%j is decoded once, and is never less safe', (fileName, names) => {
    expect(fileNames({ folder: '', filePrefix: 'flv', fileName, rawQuery: '' })).toEqual(
      names.map(name => `${name}.flv`),
    )
    expect(fileNames({ folder: fileName, filePrefix: 'flv', fileName: 'x', rawQuery: '' })).toEqual(
      names.map(name => `${name}/x.flv`),
    )
  })

  it.each([
    [' #1', ['what', 'what? #1', 'what# #1']],
    ['x%20y', ['what', 'what?x%20y', 'what?x y', 'what#x%20y', 'what#x y']],
    ['../a', ['what']],
    ['a\\b', ['what']],
  ])('may go on where a query seems to be: %j', (rawQuery, names) => {
    const found = fileNames({ folder: '', filePrefix: 'flv', fileName: 'what', rawQuery }, false)
    expect(found).toEqual(names.map(name => `${name}.flv`))
  })

  it('never leads out of the folder', () => {
    const part = fc.oneof(
      fc.constantFrom(
        '..',
        '.',
        '/',
        '\\',
        '\0',
        ':',
        'movie',
        '.flv',
        '%2e',
        '%2f',
        '%5C',
        '%00',
        '%20',
        '%25',
        '~',
        ' ',
      ),
      fc.string(),
    )
    const name = fc.array(part, { maxLength: 8 }).map(parts => parts.join(''))
    fc.assert(
      fc.property(name, name, name, (folder, fileName, rawQuery) => {
        for (const path of fileNames({ folder, filePrefix: '', fileName, rawQuery })) {
          expect(path.startsWith('/')).toBe(false)
          expect(path.split('/').every(step => step !== '' && !step.startsWith('.'))).toBe(true)
          // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
          expect(path).not.toMatch(/[\0-\x1f\\]/)
        }
      }),
      { numRuns: 500 },
    )
  })
})

it('files are found by the names that clients write, as they are and percent-encoded', async () => {
  const films = ['front drive', 'Древние', '100%', 'a+b', 'x%20y', 'my films/one & two']
  if (process.platform !== 'win32') films.push('what? #1')
  await using cinema = await Cinema.open(Object.fromEntries(films.map(name => [`${name}.flv`, movie])))
  const escaped = films.map(name => name.split('/').map(encodeURIComponent).join('/'))
  for (const name of [...films, ...escaped, ...escaped.map(one => `${one}.flv`)]) {
    expect(await cinema.playAll(`vod/${name}`), name).toHaveLength(messages)
    const client = await cinema.server.connect('vod')
    expect(await client.call('getStreamLength', `flv:${name}`), name).toBeGreaterThan(0)
    await client.close()
  }
})

describe('what is no file of the folder is not found:', () => {
  it.skipIf(process.platform === 'win32')(
    'a link out of it, a link to a file of another kind, a folder, a pipe',
    async () => {
      await using cinema = await Cinema.open({
        'inside/movie.flv': movie,
        'inside/notes.txt': movie,
        'secret.flv': movie,
      })
      const path = (name: string) => cinema.folder.file(name)
      await symlink(path('secret.flv'), path('inside/link.flv'))
      await symlink('..', path('inside/up'))
      await symlink(path('inside/notes.txt'), path('inside/notes.flv'))
      await symlink('movie.flv', path('inside/alias.flv'))
      await mkdir(path('inside/folder.flv'))
      execFileSync('mkfifo', [path('inside/pipe.flv')])
      const folder = new Folder(path('inside'))
      for (const name of [
        'link.flv',
        'up/secret.flv',
        'notes.flv',
        'notes.txt',
        'folder.flv',
        'pipe.flv',
        'movie.flv/x.flv',
      ]) {
        expect(await folder.find([name]), name).toBeUndefined()
      }
      // Links that stay inside are fine.
      expect((await folder.find(['alias.flv']))?.path).toBe((await folder.find(['movie.flv']))?.path)
    },
  )

  it.skipIf(process.platform === 'win32')('one that has become something else before it is opened', async () => {
    await using cinema = await Cinema.open({ 'inside/movie.flv': movie, 'secret.flv': movie })
    const path = (name: string) => cinema.folder.file(name)
    const folder = new Folder(path('inside'))
    const found = await folder.find(['movie.flv'])
    if (found === undefined) return expect.fail('not found')
    await unlink(path('inside/movie.flv'))
    await symlink(path('secret.flv'), path('inside/movie.flv'))
    await expect(folder.open(found)).rejects.toThrow('ELOOP')
    await unlink(path('inside/movie.flv'))
    await rename(path('secret.flv'), path('inside/movie.flv'))
    expect(await folder.open(found)).toBeUndefined()
  })
})

describe('a player', () => {
  it.each([
    ['vod/missing', 'NetStream.Play.StreamNotFound'],
    ['vod/mp4:movie', 'NetStream.Play.StreamNotFound'],
    ['vod/mp3:movie', 'NetStream.Play.StreamNotFound'],
    ['vod/Movie', 'NetStream.Play.StreamNotFound'],
    ['vod/text', 'NetStream.Play.FileStructureInvalid'],
    ['vod/text.mp4', 'NetStream.Play.FileStructureInvalid'],
    ['vod/empty', 'NetStream.Play.FileStructureInvalid'],
    ['vod/header', 'NetStream.Play.FileStructureInvalid'],
    ['vod/noise', 'NetStream.Play.FileStructureInvalid'],
    ['vod/noise.mp4', 'NetStream.Play.FileStructureInvalid'],
  ])('of %s is told %s', async (path, code) => {
    const noise = Buffer.alloc(300_000, 0x5a)
    await using cinema = await Cinema.open({
      'movie.flv': movie,
      'text.flv': Buffer.from('To whom'),
      'text.mp4': Buffer.from('To whom it may concern'),
      'empty.flv': Buffer.alloc(0),
      'header.flv': flv.flv([]),
      'noise.flv': Buffer.concat([flv.flv([]), noise]),
      'noise.mp4': Buffer.concat([Buffer.from('000000186674797069736f6d0000020069736f6d69736f32', 'hex'), noise]),
    })
    await expect(cinema.play(path)).rejects.toMatchObject({ statusCode: code })
  })

  it('is not told where the files are', async () => {
    await using cinema = await Cinema.open({ 'text.flv': Buffer.from('To whom') })
    for (const name of ['text', 'missing']) {
      const error = await cinema.play(`vod/${name}`).catch((error: Error) => error)
      expect(String((error as Error).message)).not.toContain(cinema.folder.path)
    }
  })

  it('of a file that has been replaced gets the new one, and one that plays already the old', async () => {
    await using cinema = await Cinema.open({ 'movie.flv': movie })
    const early = await cinema.play('vod/movie', { bufferLength: 0 })
    await early.pausePlay(true)
    await writeFile(cinema.folder.file('new'), flv.flv([...flv.headers, ...flv.film(1)]))
    await rename(cinema.folder.file('new'), cinema.folder.file('movie.flv'))
    expect(await cinema.playAll('vod/movie')).toHaveLength(messages - 4)
    await early.pausePlay(false)
    early.setBufferLength(1e6)
    expect(await early.toArray()).toHaveLength(messages)
  })

  it('of a file that has changed gets it as it is now', async () => {
    await using cinema = await Cinema.open({ 'movie.flv': movie })
    expect(await cinema.playAll('vod/movie')).toHaveLength(messages)
    await writeFile(cinema.folder.file('movie.flv'), flv.flv([...flv.headers, ...flv.film(1)]))
    await utimes(cinema.folder.file('movie.flv'), 1, 1)
    expect(await cinema.playAll('vod/movie')).toHaveLength(messages - 4)
  })

  it('of other applications, and of live streams, gets those', async () => {
    await using cinema = await Cinema.open({ 'movie.flv': movie })
    const publisher = await cinema.server.publish('vod/movie')
    for (const options of [{}, { start: 'live' } as const]) {
      const player = await cinema.play('vod/movie', options)
      expect(player.isRecorded).toBe(false)
    }
    expect((await cinema.play('vod/movie', { start: 0 })).isRecorded).toBe(true)
    expect((await cinema.play('live/movie')).isRecorded).toBe(false)
    expect((await cinema.play('vodka/movie')).isRecorded).toBe(false)
    publisher.end()
  })
})

describe('a recording that is under way', () => {
  it('is played by the name that it will have, as far as it is there', async () => {
    await using cinema = await Cinema.open({ 'live.flv.123.part': movie, 'secret.txt.123.part': movie })
    expect(await cinema.playAll('vod/live')).toHaveLength(messages)
    await writeFile(cinema.folder.file('live.flv'), flv.flv([...flv.headers, ...flv.film(1)]))
    expect((await cinema.playAll('vod/live')).length).toBeLessThan(messages)
    await expect(cinema.play('vod/secret.txt')).rejects.toThrow(/there is no/)
  })
})
