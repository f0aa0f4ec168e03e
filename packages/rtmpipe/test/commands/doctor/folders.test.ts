import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { TemporaryFolder } from '../../../../../test/support/temporary-folder.ts'
import { folderFindings } from '../../../src/commands/doctor/folders.ts'
import { config } from './config.ts'

describe('folders', () => {
  it('can be written to, or made', async () => {
    await using folder = await TemporaryFolder.create()
    const dir = folder.file('recordings/of/today')
    const findings = await folderFindings(config({ data: folder.path, record: { dir } }))
    expect(findings.map(({ text }) => text)).toEqual([
      expect.stringMatching(/^data .+ can be written to, \d+ MiB are free$/),
      expect.stringMatching(/^record\.dir .+\/recordings\/of\/today can be written to, \d+ MiB are free$/),
    ])
  })

  it('are folders, and not full', async () => {
    await using folder = await TemporaryFolder.create()
    await writeFile(folder.file('file'), '')
    const [, record] = await folderFindings(config({ data: folder.path, record: { dir: folder.file('file') } }))
    expect(record).toMatchObject({
      level: 'problem',
      text: expect.stringContaining('is no folder'),
      advice: 'choose another record.dir',
    })
    const [, below] = await folderFindings(config({ data: folder.path, record: { dir: folder.file('file/below') } }))
    expect(below).toMatchObject({ level: 'problem', advice: expect.stringContaining('record.dir') })
  })

  it.runIf(process.platform === 'linux')('have room', async () => {
    await using folder = await TemporaryFolder.create()
    const [, record] = await folderFindings(config({ data: folder.path, record: { dir: '/proc/self' } }))
    expect(record).toMatchObject({
      level: 'problem',
      text: expect.stringMatching(/0 MiB are free|can't be written to/),
    })
  })

  it.skipIf(process.getuid?.() === 0)('may be written to by us', async () => {
    await using folder = await TemporaryFolder.create()
    await chmod(folder.path, 0o500)
    expect(await folderFindings(config({ data: folder.path }))).toMatchObject([
      {
        level: 'problem',
        text: expect.stringContaining("can't be written to (EACCES)"),
        advice: expect.stringContaining('chown'),
      },
    ])
    await chmod(folder.path, 0o700)
  })

  it('have modes that keep others out', async () => {
    await using folder = await TemporaryFolder.create()
    await mkdir(folder.file('tls'))
    await writeFile(folder.file('tls/self-signed-key.pem'), '')
    await chmod(folder.file('tls/self-signed-key.pem'), 0o644)
    await chmod(folder.path, 0o777)
    const findings = await folderFindings(config({ data: folder.path }))
    expect(findings.flatMap(finding => (finding.level === 'warning' ? [finding.advice] : []))).toEqual([
      `chmod o-w ${folder.path}`,
      `chmod 600 ${folder.file('tls/self-signed-key.pem')}`,
    ])
  })

  it('with films are there', async () => {
    await using folder = await TemporaryFolder.create()
    const find = async (dir: string) => (await folderFindings(config({ data: folder.path, vod: { dir } })))[1]
    expect(await find(folder.path)).toMatchObject({ level: 'fine' })
    expect(await find(folder.file('none'))).toMatchObject({
      level: 'problem',
      text: expect.stringContaining('is not there'),
    })
  })
})
