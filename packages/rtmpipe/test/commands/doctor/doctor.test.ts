import { writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { TemporaryFolder } from '../../../../../test/support/temporary-folder.ts'
import { findingsText } from '../../../src/commands/doctor/report.ts'
import { freePort, rtmpipe } from '../../support/command.ts'

const off = ['--rtmps', 'off', '--rtmpt', 'off', '--rtmpts', 'off']

describe('rtmpipe doctor', () => {
  it('ends with 0 when nothing is wrong', async () => {
    await using folder = await TemporaryFolder.create()
    const { stdout } = await rtmpipe(
      'doctor',
      '--rtmp',
      String(await freePort()),
      ...off,
      '--data',
      folder.path,
    ).finish(0)
    expect(stdout.at(-1)).toMatch(/^no problems, /)
    for (const check of ['configuration', 'port', 'certificate', 'clock', 'file limit', 'folder'])
      expect(stdout).toContainEqual(expect.stringMatching(new RegExp(`^(fine|warning) +${check} `)))
  })

  it('ends with 1 and says what to do; as JSON too', async () => {
    await using folder = await TemporaryFolder.create()
    const args = ['--rtmp', '0', ...off, '--data', folder.path, '--push', 'rtmp://nowhere.invalid/live']
    const { stdout } = await rtmpipe('doctor', ...args).finish(1)
    const line = stdout.findIndex(text => /^problem +relay +nowhere\.invalid has no address/.test(text))
    expect(stdout[line + 1]).toMatch(/^ +→ correct the name in relay/)
    const json = await rtmpipe('doctor', ...args, '--json').finish(1)
    const report = JSON.parse(json.stdout.join('\n'))
    expect(report).toMatchObject({
      problems: 1,
      findings: expect.arrayContaining([
        { check: 'relay', level: 'problem', text: expect.any(String), advice: expect.any(String) },
      ]),
    })
  })

  it('finds what is wrong with the configuration, and looks at the rest', async () => {
    await using folder = await TemporaryFolder.create()
    const file = folder.file('rtmpipe.config.json')
    await writeFile(file, '{ "rtmp": 70000, "recrd": {} }')
    const { stdout } = await rtmpipe('doctor', '--config', file, '--json').finish(1)
    const { problems, findings } = JSON.parse(stdout.join('\n')) as {
      problems: number
      findings: { check: string; level: string; text: string }[]
    }
    expect(problems).toBe(2)
    expect(findings.filter(({ level }) => level === 'problem').map(({ text }) => text)).toEqual([
      expect.stringContaining('rtmp: expected a port'),
      expect.stringContaining('recrd: unknown setting'),
    ])
    expect(findings.map(({ check }) => check)).toContain('clock')
  })

  it('prints names of files as one line', () => {
    const text = findingsText([{ check: 'folder', level: 'problem', text: 'a\n\u001b[2Jb', advice: 'c\rd' }])
    expect(text).toBe(`problem  folder         a [2Jb\n${' '.repeat(24)}→ c d\n\n1 problem, no warnings\n`)
  })
})
