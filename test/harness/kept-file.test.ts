import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { keptFile } from '../support/kept-file.ts'
import { TemporaryFolder } from '../support/temporary-folder.ts'

describe('a kept file', () => {
  let folder: TemporaryFolder
  const make = vi.fn((path: string) => writeFile(path, 'as it was made'))

  beforeEach(async () => {
    folder = await TemporaryFolder.create()
    vi.stubEnv('TMPDIR', folder.path)
    make.mockClear()
  })

  afterEach(async () => {
    vi.unstubAllEnvs()
    await folder[Symbol.asyncDispose]()
  })

  it('is made once', async () => {
    const file = await keptFile('thing', make)
    expect(await keptFile('thing', make)).toBe(file)
    expect(make).toHaveBeenCalledOnce()
    expect(await readFile(file, 'utf8')).toBe('as it was made')
  })

  it('is made again when its content is not what was made', async () => {
    const file = await keptFile('thing', make)
    await writeFile(file, 'as it was')
    await keptFile('thing', make)
    expect(await readFile(file, 'utf8')).toBe('as it was made')
  })

  it('is made again when its hash was never written', async () => {
    const file = await keptFile('thing', make)
    await rm(`${file}.sha256`)
    await keptFile('thing', make)
    expect(make).toHaveBeenCalledTimes(2)
  })

  it('is not there after it could not be made, nor half of it', async () => {
    const half = async (path: string) => {
      await writeFile(path, 'half')
      throw new Error('no more')
    }
    await expect(keptFile('thing', half)).rejects.toThrow('no more')
    const file = await keptFile('thing', make)
    expect(await readdir(dirname(file))).toEqual(['thing', 'thing.sha256'])
  })

  it('is not taken from a folder that others can write to', async () => {
    const file = await keptFile('thing', make)
    await chmod(dirname(file), 0o777)
    await expect(keptFile('thing', make)).rejects.toThrow('is not ours')
  })

  it('is not put where a file has the name of the folder', async () => {
    const file = await keptFile('thing', make)
    await rm(dirname(file), { recursive: true })
    await writeFile(dirname(file), '')
    await expect(keptFile('thing', make)).rejects.toThrow('is not ours')
    await rm(dirname(file))
    await mkdir(dirname(file), { mode: 0o700 })
    expect(await keptFile('thing', make)).toBe(file)
  })
})
