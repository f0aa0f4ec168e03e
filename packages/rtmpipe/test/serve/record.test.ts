import { readdirSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { sampleStream } from '@rtmpipe/testing'
import { ServerProcess } from '../../../../test/support/server-process.ts'
import { TemporaryFolder } from '../../../../test/support/temporary-folder.ts'
import { words } from '../../../../test/support/words.ts'
import { connect } from '../../src/index.ts'
import { failureHere } from '../support/command.ts'

describe('rtmpipe serve --record', () => {
  it('refuses a format that it does not know', async () => {
    expect(await failureHere(2, ...words`serve --record x --record-format avi`)).toBe(
      'rtmpipe: --record-format avi: expected flv or mp4',
    )
  })

  it('records every stream, of all workers', async () => {
    await using folder = await TemporaryFolder.create()
    await using server = await ServerProcess.start({ args: words`--record ${folder.path} --workers 2` })
    for (const name of ['one', 'two', 'three']) {
      await using client = await connect(`${server.urls.rtmp}/live`)
      const publisher = await client.publish(name)
      for (const message of sampleStream(20)) publisher.write(message)
      publisher.end()
      await server.program.waitForLine(new RegExp(`"stream":"${name}".*"msg":"recorded"`))
    }
    await server.stop()
    const names = readdirSync(`${folder.path}/live`).map(name => name.replace(/-\d{8}-\d{6}\.flv$/, ''))
    expect(names.sort()).toEqual(['one', 'three', 'two'])
  })
})

describe('rtmpipe repair', () => {
  it('says what it can not repair', async () => {
    await using folder = await TemporaryFolder.create()
    const file = folder.file('text.flv')
    writeFileSync(file, 'To whom it may concern')
    expect(await failureHere(2, 'repair', file)).toBe(
      `rtmpipe: can't repair ${file}: ${file} is neither an FLV nor an MP4 file`,
    )
    expect(await failureHere(2, 'repair', folder.file('nowhere.flv'))).toMatch(/can't repair .*: ENOENT/)
    expect(await failureHere(2, 'repair')).toMatch(/missing required argument 'file'/)
  })
})
