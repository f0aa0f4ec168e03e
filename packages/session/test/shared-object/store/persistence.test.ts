import { readdir, readFile, writeFile } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FileSharedObjectStore } from '../../../src/shared-object/store/file-store.ts'
import { MemorySharedObjectStore } from '../../../src/shared-object/store/memory-store.ts'
import { SharedObjects } from '../../../src/shared-object/shared-objects.ts'
import type { SharedObjectStore } from '../../../src/shared-object/store/store.ts'
import { TestServer, VirtualClock } from '@rtmpipe/testing'
import { RecordingLog } from '../../support/recording-log.ts'
import { TemporaryFolder } from '../../../../../test/support/temporary-folder.ts'
import { change, clear, hex, one, raw } from '../support/body.ts'

const persistent = { persistent: true }
let temporary: TemporaryFolder
beforeEach(async () => {
  temporary = await TemporaryFolder.create()
})
afterEach(() => temporary[Symbol.asyncDispose]())

const fileStore = () => new FileSharedObjectStore({ folder: temporary.path })

describe('a persistent object', () => {
  it('is there after the server was started again, with its version', async () => {
    {
      await using server = new TestServer({ sharedObjects: { store: fileStore() } })
      const client = await server.connect('live')
      const object = await client.sharedObject('so', persistent)
      object.set('a', { b: [1, 'x'] })
      object.set('c', new Date(5))
      const done = new Promise(resolve => void object.once('message', resolve))
      object.send('done')
      await done
      expect(server.server.sharedObjects.get('live', 'so')?.version).toBe(2)
    }
    await using server = new TestServer({ sharedObjects: { store: fileStore() } })
    const client = await server.connect('live')
    const object = await client.sharedObject('so', persistent)
    expect(Object.fromEntries(object.data)).toEqual({ a: { b: [1, 'x'] }, c: new Date(5) })
    expect(object.version).toBe(2)
    // The other application has none of it.
    const stranger = await server.connect('other')
    expect((await stranger.sharedObject('so', persistent)).data.size).toBe(0)
  })

  it('is kept as the body of a message of type 19', async () => {
    const store = fileStore()
    const objects = new SharedObjects({ store })
    const object = await objects.open('live', 'so', persistent)
    object.set('a', 1)
    await objects.close()
    expect(await readFile(store.pathOf('live', 'so'))).toEqual(raw('so', 1, 2, clear, change(['a', one])).payload)
  })

  it('leaves memory after its last user, when it is saved, and comes back', async () => {
    const store = fileStore()
    const objects = new SharedObjects({ store })
    const object = await objects.open('live', 'so', persistent)
    object.set('a', 1)
    objects.release(object)
    // Not yet: it is being saved.
    expect(objects.get('live', 'so')).toBe(object)
    await expect.poll(() => objects.size, { interval: 1 }).toBe(0)
    const again = await objects.open('live', 'so', persistent)
    expect(again).not.toBe(object)
    expect(again.get('a')).toBe(1)
    await objects.close()
  })

  it('stays the same when somebody comes while it is being saved', async () => {
    const objects = new SharedObjects({ store: fileStore() })
    const object = await objects.open('live', 'so', persistent)
    object.set('a', 1)
    objects.release(object)
    expect(await objects.open('live', 'so', persistent)).toBe(object)
    await expect.poll(() => readdir(temporary.path), { interval: 1 }).toHaveLength(1)
    await new Promise(resolve => void setImmediate(resolve))
    expect(objects.get('live', 'so')).toBe(object)
    object.set('a', 2)
    await objects.close()
    expect((await new SharedObjects({ store: fileStore() }).open('live', 'so', persistent)).get('a')).toBe(2)
  })

  it('is loaded once for many who come together', async () => {
    let loads = 0
    const store = new MemorySharedObjectStore()
    const counting: SharedObjectStore = {
      load: (app, name) => {
        loads += 1
        return store.load(app, name)
      },
      save: (app, name, bytes) => store.save(app, name, bytes),
      delete: (app, name) => store.delete(app, name),
    }
    const objects = new SharedObjects({ store: counting })
    const opened = [1, 2, 3].map(() => objects.open('live', 'so', persistent))
    // Until it is loaded nobody sees it empty.
    expect(objects.get('live', 'so')).toBeUndefined()
    expect([...objects]).toEqual([])
    const [first, ...others] = await Promise.all(opened)
    for (const other of others) expect(other).toBe(first)
    expect(loads).toBe(1)
  })

  it('is deleted from the store when it is empty', async () => {
    const objects = new SharedObjects({ store: fileStore(), saveDelay: 0 })
    const object = await objects.open('live', 'so', persistent)
    object.set('a', 1)
    await expect.poll(() => readdir(temporary.path), { interval: 1 }).toHaveLength(1)
    object.clear()
    await objects.close()
    expect(await readdir(temporary.path)).toEqual([])
  })

  it('is kept in memory without a store', async () => {
    await using server = new TestServer()
    const { sharedObjects } = server.server
    const object = await sharedObjects.open('live', 'so', persistent)
    object.set('a', 1)
    sharedObjects.release(object)
    await expect.poll(() => sharedObjects.size, { interval: 1 }).toBe(0)
    expect((await sharedObjects.open('live', 'so', persistent)).get('a')).toBe(1)
  })
})

describe('a store that fails', () => {
  const bodies: [string, (good: Buffer) => Buffer][] = [
    ['is empty', () => Buffer.alloc(0)],
    ['is cut short', good => good.subarray(0, good.length - 1)],
    ['ends after its header', good => good.subarray(0, 16)],
    ['is something else', () => Buffer.from('{"a":1}')],
    ['is the file of another object', () => raw('other', 1, 2, clear, change(['a', one])).payload],
    ['has a value that is no AMF', () => raw('so', 1, 2, clear, '04 00000004 0001 61 0e').payload],
    ['is zeros', good => hex('00'.repeat(good.length))],
  ]

  it.each(bodies)('with a file that %s: the object is refused, and the file stays as it is', async (_what, damage) => {
    const store = fileStore()
    await store.save('live', 'so', Buffer.alloc(0))
    const kept = damage(raw('so', 1, 2, clear, change(['a', one])).payload)
    await writeFile(store.pathOf('live', 'so'), kept)
    const log = new RecordingLog()
    const objects = new SharedObjects({ store, saveDelay: 0 }, log)
    await expect(objects.open('live', 'so', persistent)).rejects.toThrow('what is kept stays as it is')
    expect(log.lines).toMatchObject([{ level: 'error', app: 'live', sharedObject: 'so' }])
    expect(objects.size).toBe(0)
    await objects.close()
    expect(await readFile(store.pathOf('live', 'so'))).toEqual(kept)
    // Whoever removes the file begins anew.
    await store.delete('live', 'so')
    expect((await objects.open('live', 'so', persistent)).data.size).toBe(0)
  })

  it('to be small enough: an object that does not fit into the memory of all is refused, and kept', async () => {
    const log = new RecordingLog()
    const store = fileStore()
    const kept = raw('so', 1, 2, clear, change(['a', one])).payload
    await store.save('live', 'so', kept)
    await using server = new TestServer({ log, sharedObjects: { store, saveDelay: 0, limits: { maxTotalBytes: 40 } } })
    const stranger = await server.connect('other')
    const large = await stranger.sharedObject('large')
    const filled = new Promise(resolve => void large.once('change', resolve))
    large.set('fill', 'x'.repeat(25))
    await filled
    const client = await server.connect('live')
    await expect(client.sharedObject('so', persistent)).rejects.toMatchObject({
      statusCode: 'SharedObject.ObjectCreationFailed',
    })
    expect(log.at('error')).toMatchObject([{ code: 'RTMP_ERR_SHARED_OBJECT_LIMIT', sharedObject: 'so' }])
    expect(await readFile(store.pathOf('live', 'so'))).toEqual(kept)
    large.delete('fill')
    await new Promise(resolve => void large.once('change', resolve))
    expect((await client.sharedObject('so', persistent)).data.get('a')).toBe(1)
  })

  it('to load: the object is refused, and nothing is overwritten', async () => {
    const log = new RecordingLog()
    let isBroken = true
    const store = fileStore()
    const flaky: SharedObjectStore = {
      load: async (app, name) => {
        if (isBroken) throw new Error('disk lost')
        return store.load(app, name)
      },
      save: (app, name, bytes) => store.save(app, name, bytes),
      delete: (app, name) => store.delete(app, name),
    }
    await store.save('live', 'so', raw('so', 1, 2, clear, change(['a', one])).payload)
    await using server = new TestServer({ log, sharedObjects: { store: flaky } })
    const client = await server.connect('live')
    await expect(client.sharedObject('so', persistent)).rejects.toMatchObject({
      statusCode: 'SharedObject.ObjectCreationFailed',
    })
    expect(log.at('error')).toMatchObject([{ code: 'RTMP_ERR_SHARED_OBJECT_STORE', sharedObject: 'so' }])
    expect(server.server.sharedObjects.size).toBe(0)
    isBroken = false
    expect((await client.sharedObject('so', persistent)).data.get('a')).toBe(1)
  })

  it('to save: it is logged, and tried again when the server closes', async () => {
    const log = new RecordingLog()
    const saved: Uint8Array[] = []
    let isBroken = true
    const store: SharedObjectStore = {
      load: async () => undefined,
      save: async (_app, _name, bytes) => {
        if (isBroken) throw new Error('disk full')
        saved.push(bytes)
      },
      delete: async () => {},
    }
    const objects = new SharedObjects({ store, saveDelay: 0 }, log)
    const object = await objects.open('live', 'so', persistent)
    object.set('a', 1)
    await expect.poll(() => log.lines.length, { interval: 1 }).toBe(1)
    expect(log.lines).toMatchObject([{ level: 'error', code: 'RTMP_ERR_SHARED_OBJECT_STORE' }])
    isBroken = false
    await objects.close()
    expect(saved).toHaveLength(1)
  })

  it('to answer: it is not waited for at the end', async () => {
    using clock = new VirtualClock()
    const log = new RecordingLog()
    const never = () => new Promise<never>(() => {})
    const deleted: string[] = []
    let isSaving = false
    const store: SharedObjectStore = {
      load: async (_app, name) => (name === 'loading' ? never() : undefined),
      save: () => {
        isSaving = true
        return never()
      },
      delete: async (_app, name) => void deleted.push(name),
    }
    const objects = new SharedObjects({ store, saveDelay: 5 }, log, 1_000)
    void objects.open('live', 'loading', persistent)
    const object = await objects.open('live', 'saving', persistent)
    object.set('a', 1)
    await clock.advance(5)
    expect(isSaving).toBe(true)
    object.set('a', 2)
    let isClosed = false
    const closed = objects.close().then(() => (isClosed = true))
    await clock.advance(999)
    expect(isClosed).toBe(false)
    await clock.advance(1)
    await closed
    expect(log.at('error').map(({ sharedObject }) => sharedObject)).toEqual(['loading', 'saving'])
    expect(objects.size).toBe(0)
    expect(deleted).toEqual([])
  })

  it('to answer before the end: what was saved meanwhile is not deleted', async () => {
    using clock = new VirtualClock()
    const deleted: string[] = []
    let done = (): void => {}
    const store: SharedObjectStore = {
      load: async () => undefined,
      save: () => new Promise<void>(resolve => (done = resolve)),
      delete: async (_app, name) => void deleted.push(name),
    }
    const objects = new SharedObjects({ store, saveDelay: 5 }, new RecordingLog(), 1_000)
    const object = await objects.open('live', 'so', persistent)
    object.set('a', 1)
    await clock.advance(5)
    object.set('a', 2)
    const closed = objects.close()
    await clock.advance(1_000)
    await closed
    done()
    await clock.advance(10)
    expect(deleted).toEqual([])
  })
})
