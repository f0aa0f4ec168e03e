import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FileSharedObjectStore } from '../../../src/shared-object/store/file-store.ts'
import { MemorySharedObjectStore } from '../../../src/shared-object/store/memory-store.ts'
import type { SharedObjectStore } from '../../../src/shared-object/store/store.ts'
import { TemporaryFolder } from '../../../../../test/support/temporary-folder.ts'

let temporary: TemporaryFolder
beforeEach(async () => {
  temporary = await TemporaryFolder.create()
})
afterEach(() => temporary[Symbol.asyncDispose]())

const text = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString()
const folder = () => temporary.file('deep/objects')
const stores: [string, (maxObjects?: number) => SharedObjectStore][] = [
  ['memory', maxObjects => new MemorySharedObjectStore(maxObjects === undefined ? {} : { maxObjects })],
  [
    'file',
    maxObjects => new FileSharedObjectStore({ folder: folder(), ...(maxObjects !== undefined && { maxObjects }) }),
  ],
]

describe.each(stores)('a %s store', (_name, create) => {
  it('gives what was saved last, until it is deleted', async () => {
    const store = create()
    expect(await store.load('live', 'so')).toBeUndefined()
    await store.save('live', 'so', Buffer.from('first'))
    await store.save('live', 'so', Buffer.from('second'))
    expect(text(await store.load('live', 'so'))).toBe('second')
    await store.delete('live', 'so')
    await store.delete('live', 'so')
    expect(await store.load('live', 'so')).toBeUndefined()
  })

  it('tells names apart', async () => {
    const store = create()
    const names: [string, string][] = [
      ['a', 'b/c'],
      ['a/b', 'c'],
      ['a', 'B/c'],
      ['', 'a'],
      ['a', '..'],
      ['..', 'a'],
      ['a', `${'x'.repeat(512)}`],
      ['a', `${'x'.repeat(511)}y`],
      ['a', '/etc/passwd'],
      ['a', 'CON'],
    ]
    for (const [app, name] of names) await store.save(app, name, Buffer.from(`${app}|${name}`))
    for (const [app, name] of names) expect(text(await store.load(app, name))).toBe(`${app}|${name}`)
  })

  it('keeps so many objects', async () => {
    const store = create(2)
    await store.save('live', 'a', Buffer.from('1'))
    await store.save('live', 'b', Buffer.from('1'))
    await store.save('live', 'a', Buffer.from('2'))
    await expect(store.save('live', 'c', Buffer.from('1'))).rejects.toMatchObject({
      name: 'SharedObjectStoreError',
      code: 'RTMP_ERR_SHARED_OBJECT_STORE',
    })
    await store.delete('live', 'b')
    await store.save('live', 'c', Buffer.from('1'))
  })
})

describe('a memory store', () => {
  it('keeps so many bytes', async () => {
    const store = new MemorySharedObjectStore({ maxBytes: 10 })
    await store.save('live', 'a', Buffer.alloc(6))
    await store.save('live', 'a', Buffer.alloc(8))
    const full = { code: 'RTMP_ERR_SHARED_OBJECT_STORE' }
    await expect(store.save('live', 'b', Buffer.alloc(3))).rejects.toMatchObject(full)
    await expect(store.save('live', 'a', Buffer.alloc(11))).rejects.toMatchObject(full)
    expect((await store.load('live', 'a'))?.length).toBe(8)
    await store.delete('live', 'a')
    await store.save('live', 'b', Buffer.alloc(10))
  })
})

describe('a file store', () => {
  it('makes names of hashes, in its folder only, and leaves nothing behind', async () => {
    const store = new FileSharedObjectStore({ folder: folder() })
    for (const name of ['../../escaped', '/absolute', 'a\\b', '%2e%2e', 'x'.repeat(512)])
      await store.save('live', name, Buffer.from('1'))
    const files = await readdir(folder())
    expect(files).toHaveLength(5)
    for (const file of files) expect(file).toMatch(/^[0-9a-f]{64}\.rtmpso$/)
    expect(await readdir(temporary.path, { recursive: true })).toHaveLength(7)
  })

  it('finds what another one has saved, and counts it', async () => {
    await new FileSharedObjectStore({ folder: folder() }).save('live', 'so', Buffer.from('kept'))
    const store = new FileSharedObjectStore({ folder: folder(), maxObjects: 1 })
    expect(text(await store.load('live', 'so'))).toBe('kept')
    await expect(store.save('live', 'other', Buffer.from('1'))).rejects.toMatchObject({
      code: 'RTMP_ERR_SHARED_OBJECT_STORE',
    })
    await store.save('live', 'so', Buffer.from('again'))
  })

  it('keeps the old file whole when the new one can not be written, and removes what it had begun', async () => {
    const store = new FileSharedObjectStore({ folder: folder() })
    await store.save('live', 'so', Buffer.from('old'))
    const path = store.pathOf('live', 'other')
    // A folder in the place of the file: the last step fails.
    await mkdir(path)
    await expect(store.save('live', 'other', Buffer.from('new'))).rejects.toThrow()
    expect(await readFile(store.pathOf('live', 'so'), 'utf8')).toBe('old')
    expect((await readdir(folder())).filter(name => name.endsWith('.tmp'))).toEqual([])
  })

  it('fails with the system’s error where there can be no folder, and works when there can', async () => {
    const file = temporary.file('file')
    await writeFile(file, '')
    const store = new FileSharedObjectStore({ folder: file })
    await expect(store.save('live', 'so', Buffer.from('1'))).rejects.toMatchObject({ code: 'EEXIST' })
    await expect(store.load('live', 'so')).rejects.toMatchObject({ code: 'ENOTDIR' })
  })
})
