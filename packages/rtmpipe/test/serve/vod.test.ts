import { writeFile } from 'node:fs/promises'
import { FlvMuxer } from '@rtmpipe/flv'
import { sampleStream } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import { schemes, ServerProcess } from '../../../../test/support/server-process.ts'
import { TemporaryFolder } from '../../../../test/support/temporary-folder.ts'
import { words } from '../../../../test/support/words.ts'
import { connect } from '../../src/index.ts'
import { failureHere } from '../support/command.ts'

describe('rtmpipe serve --vod', () => {
  it('wants a folder', async () => {
    expect(await failureHere(2, ...words`serve --vod no/such/folder`)).toBe(
      'rtmpipe: --vod no/such/folder: there is no such folder',
    )
  })

  it('plays files over every transport, with all workers', async () => {
    await using folder = await TemporaryFolder.create()
    const muxer = new FlvMuxer()
    const tags = sampleStream(20).map(message => muxer.tag(message))
    await writeFile(folder.file('film.flv'), Buffer.concat([muxer.header(), ...tags]))
    await using server = await ServerProcess.start({ args: words`--vod ${folder.path} --workers 2` })
    for (const scheme of schemes) {
      await using client = await connect(`${server.urls[scheme]}/vod`, { insecure: true })
      const player = await client.play('film.flv')
      expect(await player.toArray(), scheme).toHaveLength(tags.length)
    }
    await server.stop()
  })
})
