import { execFileSync } from 'node:child_process'
import { chmod, readFile, rename, stat, symlink, writeFile } from 'node:fs/promises'
import { silentLogger as log } from '@rtmpipe/session'
import type { RtmfpSessionKeys } from '@rtmpipe/transport-rtmfp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TemporaryFolder } from '../../../../test/support/temporary-folder.ts'
import { words } from '../../../../test/support/words.ts'
import { openKeyLog } from '../../src/serve/rtmfp-key-log.ts'
import { failureOf } from '../support/command.ts'

const end = { address: '127.0.0.1', port: 1935, sessionId: 7 }
const protection = { aesKey: Buffer.alloc(16), isNumbered: false }
const keys: RtmfpSessionKeys = {
  initiator: end,
  responder: end,
  initiatorToResponder: protection,
  responderToInitiator: protection,
}

const linesOf = async (file: string): Promise<number> => (await readFile(file, 'utf8')).trim().split('\n').length

let folder: TemporaryFolder
beforeAll(async () => {
  folder = await TemporaryFolder.create()
})
afterAll(async () => await folder[Symbol.asyncDispose]())

describe('the file of serve --rtmfp-keylog', () => {
  it('is new, empty, or has keys, behind which more are written', async () => {
    const file = folder.file('keys')
    openKeyLog(file, log)(keys)
    await chmod(file, 0o644)
    openKeyLog(file, log)(keys)
    expect(await linesOf(file)).toBe(2)
    const blank = folder.file('blank')
    await writeFile(blank, '\n')
    openKeyLog(blank, log)(keys)
    expect(await linesOf(blank)).toBe(1)
    if (process.platform !== 'win32') expect((await stat(file)).mode & 0o777).toBe(0o600)
  })

  it('is not one of something else, which stays as it was', async () => {
    const file = folder.file('notes')
    await writeFile(file, 'notes\n', { mode: 0o644 })
    expect(() => openKeyLog(file, log)).toThrow(
      /^--rtmfp-keylog .*notes: it can't be written: it has something else than keys in it: name a new file$/,
    )
    expect(await readFile(file, 'utf8')).toBe('notes\n')
    if (process.platform !== 'win32') expect((await stat(file)).mode & 0o777).toBe(0o644)
  })
})

describe.skipIf(process.platform === 'win32')('what else there may be at its place', () => {
  it('a symbolic link is not followed, wherever it leads', async () => {
    const [target, link, dangling, none] = ['target', 'link', 'dangling', 'none'].map(name => folder.file(name)) as [
      string,
      string,
      string,
      string,
    ]
    await writeFile(target, '', { mode: 0o644 })
    await symlink(target, link)
    await symlink(none, dangling)
    for (const file of [link, dangling])
      expect(() => openKeyLog(file, log)).toThrow(/: it can't be written: it is a symbolic link: name the file itself$/)
    const { mode, size } = await stat(target)
    expect([mode & 0o777, size]).toEqual([0o644, 0])
    await expect(stat(none)).rejects.toThrow('ENOENT')
  })

  it('a file that takes its place gets no keys', async () => {
    const [file, moved, other] = ['first', 'moved', 'other'].map(name => folder.file(name)) as [string, string, string]
    const write = openKeyLog(file, log)
    await rename(file, moved)
    await writeFile(other, '')
    await symlink(other, file)
    write(keys)
    expect(await linesOf(moved)).toBe(1)
    expect(await readFile(other, 'utf8')).toBe('')
  })

  it('a pipe and a device are refused, and not waited for, by those who write and by those who read', async () => {
    const pipe = folder.file('pipe')
    execFileSync('mkfifo', [pipe])
    for (const file of [pipe, '/dev/null'])
      expect(
        await failureOf(2, ...words`serve --rtmp 0 --rtmfp 0 --rtmfp-keylog ${file} --data ${folder.path}`),
      ).toMatch(/^rtmpipe: --rtmfp-keylog .*: it can't be written: it is not a regular file$/)
    expect(await failureOf(2, ...words`dump --rtmfp-keys ${pipe} ${folder.file('none.pcap')}`)).toMatch(
      /^rtmpipe: can't read .*pipe: it is not a regular file$/,
    )
  })
})
