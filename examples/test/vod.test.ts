import { writeFile } from 'node:fs/promises'
import { FlvMuxer } from '@rtmpipe/flv'
import { sampleStream } from '@rtmpipe/testing'
import { expect, it } from 'vitest'
import { TemporaryFolder } from '../../test/support/temporary-folder.ts'
import { expectRelayed } from './relayed.ts'
import { RunningExample } from './running-example.ts'

it('vod plays a film to those who have a ticket, and to nobody else', async () => {
  await using folder = await TemporaryFolder.create()
  const muxer = new FlvMuxer()
  const tags = sampleStream(10).map(message => muxer.tag(message))
  await writeFile(folder.file('film.flv'), Buffer.concat([muxer.header(), ...tags]))
  await using example = await RunningExample.start('vod', { FOLDER: folder.path })
  await using guest = await example.connect('rtmp', 'vod')
  const player = await guest.play('film?ticket=balcony')
  const [metadata, ...messages] = await player.toArray()
  const [published] = sampleStream(10)
  // The duration has been added.
  expect(metadata.payload.length).toBeGreaterThan(published?.payload.length ?? 0)
  expectRelayed([published, ...messages])
  await using stranger = await example.connect('rtmp', 'vod')
  await expect(stranger.play('film')).rejects.toMatchObject({ statusCode: 'NetStream.Play.Failed' })
  await Promise.all([guest.close(), stranger.close()])
  await example.stop()
})
