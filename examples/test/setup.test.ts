import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { RunningExample } from './running-example.ts'

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'rtmpipe-setup-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

it('setup has its keys before anybody comes, and shows the streams', async () => {
  const KEYS = join(await folder(), 'keys.txt')
  await writeFile(KEYS, 'one\ntwo\n')
  await using example = await RunningExample.start('setup', { KEYS })
  const intruder = await example.connect('rtmp', 'live')
  await expect(intruder.publish('name?key=three')).rejects.toMatchObject({ statusCode: 'NetStream.Publish.Denied' })
  await using encoder = await example.connect('rtmp', 'live')
  await encoder.publish('name?key=two')
  await using viewer = await example.connect('rtmp', 'live')
  await viewer.play('name')
  expect(await viewer.call('streams')).toEqual([{ app: 'live', name: 'name', viewers: 1 }])
  await Promise.all([viewer.close(), encoder.close()])
  await example.stop()
})

it('setup does not start without its database, and says whose fault it is', async () => {
  const KEYS = join(await folder(), 'missing.txt')
  await expect(RunningExample.start('setup', { KEYS })).rejects.toThrow(/plugin key-database, setup: ENOENT/)
})
