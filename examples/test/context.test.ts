import { readdirSync } from 'node:fs'
import { expect, it } from 'vitest'
import { TemporaryFolder } from '../../test/support/temporary-folder.ts'
import { relayed } from './relayed.ts'
import { RunningExample } from './running-example.ts'

it('context records by the account of a token, and counts its streams whatever the token', async () => {
  await using folder = await TemporaryFolder.create()
  await using example = await RunningExample.start('context', { FOLDER: folder.path })
  await using alice = await example.connect('rtmp', 'live')
  await using bob = await example.connect('rtmp', 'live')
  await using viewer = await example.connect('rtmp', 'live')
  await using other = await example.connect('rtmp', 'live')
  const first = await alice.publish('alice?token=aa11')
  await expect(other.publish('more?token=bb22')).rejects.toMatchObject({ statusCode: 'NetStream.Publish.Denied' })
  await relayed(first, await viewer.play('alice'))
  await relayed(await bob.publish('bob?token=cc33'), await viewer.play('bob'))
  await Promise.all([alice, bob, viewer].map(client => client.close()))
  await example.stop()
  expect(readdirSync(folder.file('live'))).toEqual([expect.stringMatching(/^alice-.*\.flv$/)])
})
