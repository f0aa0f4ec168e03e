import { once } from 'node:events'
import { expect, it } from 'vitest'
import { TemporaryFolder } from '../../test/support/temporary-folder.ts'
import { RunningExample } from './running-example.ts'

it('shared-objects shows what a client with the key writes, to others and after a restart', async () => {
  await using folder = await TemporaryFolder.create()
  const env = { FOLDER: folder.path }
  {
    await using example = await RunningExample.start('shared-objects', env)
    await using player = await example.connect('rtmp', 'game?key=secret')
    await using watcher = await example.connect('rtmp', 'game')
    const written = await player.sharedObject('board', { persistent: true })
    const seen = await watcher.sharedObject('board', { persistent: true })
    expect(Object.fromEntries(seen.data)).toEqual({ starts: 1 })

    const changed = once(seen, 'change')
    written.set('Ada', 3)
    expect(await changed).toEqual(['Ada', 3])

    const refused = once(seen, 'status')
    seen.set('Ada', 0)
    expect(await refused).toEqual([{ code: 'SharedObject.NoWriteAccess', level: 'error' }])
    expect(seen.data.get('Ada')).toBe(3)
    await example.stop()
  }
  await using example = await RunningExample.start('shared-objects', env)
  await using watcher = await example.connect('rtmp', 'game')
  const board = await watcher.sharedObject('board', { persistent: true })
  expect(Object.fromEntries(board.data)).toEqual({ starts: 2, Ada: 3 })
  await watcher.close()
  await example.stop()
})
