import { readdirSync, readFileSync, statSync } from 'node:fs'
import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { TemporaryFolder } from '../../../test/support/temporary-folder.ts'
import { main } from '../src/main.ts'

/** A terminal, or pipes. */
function around(workingFolder: string, isTTY: boolean) {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  const printed = { out: '', err: '' }
  stdout.on('data', (text: Buffer) => (printed.out += text.toString()))
  stderr.on('data', (text: Buffer) => (printed.err += text.toString()))
  const surroundings = {
    workingFolder,
    stdin: Object.assign(stdin, { isTTY, setRawMode: () => stdin }),
    stdout: Object.assign(stdout, { isTTY, columns: 200, rows: 24 }),
    stderr,
  }
  return Object.assign(surroundings, { printed })
}

/** Resolves when the prompt shows that. */
async function shown(terminal: ReturnType<typeof around>, text: string): Promise<void> {
  while (!terminal.printed.out.includes(text)) await new Promise(resolve => terminal.stdout.once('data', resolve))
}

describe('create-rtmpipe', () => {
  it('makes a project, and says how to go on', async () => {
    await using folder = await TemporaryFolder.create()
    const { printed, ...surroundings } = around(folder.path, false)
    expect(await main(['my-server'], surroundings)).toBe(0)
    expect(printed.out).toContain('  cd my-server\n  npm install\n')
    expect(readdirSync(folder.file('my-server')).sort()).toEqual([
      '.env',
      '.gitignore',
      'README.md',
      'package.json',
      'src',
      'tsconfig.json',
    ])
    expect(readFileSync(folder.file('my-server/README.md'), 'utf8')).toMatch(/^# my-server\n/)
    expect(statSync(folder.file('my-server/.env')).mode & 0o077).toBe(0)
  })

  it('gives every project a key of its own, and keeps it from git', async () => {
    await using folder = await TemporaryFolder.create()
    for (const name of ['one', 'two']) expect(await main([name], around(folder.path, false))).toBe(0)
    const keys = ['one', 'two'].map(name => readFileSync(folder.file(`${name}/.env`), 'utf8'))
    expect(keys[0]).toMatch(/^PORT=1935\nSTREAM_KEYS=[0-9a-f]{24}\n$/)
    expect(keys[1]).not.toBe(keys[0])
    expect(readFileSync(folder.file('one/.gitignore'), 'utf8').split('\n')).toContain('.env')
  })

  it.each([['--help'], ['-h']])('%s prints the usage', async flag => {
    const { printed, ...surroundings } = around('/nowhere', false)
    expect(await main([flag], surroundings)).toBe(0)
    expect(printed.out).toContain('Usage: npm create rtmpipe [folder]')
  })

  it('--version prints that of rtmpipe', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../rtmpipe/package.json', import.meta.url), 'utf8'))
    const { printed, ...surroundings } = around('/nowhere', false)
    expect(await main(['--version'], surroundings)).toBe(0)
    expect(printed.out).toBe(`${version}\n`)
  })

  it.each([
    [['--template', 'x'], "Unknown option '--template'"],
    [['one', 'two'], 'one folder is enough: one two'],
    [['My-Server'], 'can no longer contain capital letters'],
    [[], 'name the folder of the new project: npm create rtmpipe my-server'],
  ])('%j is wrong usage', async (args, message) => {
    await using folder = await TemporaryFolder.create()
    const { printed, ...surroundings } = around(folder.path, false)
    expect(await main(args, surroundings)).toBe(2)
    expect(printed.err).toMatch(/^error: /)
    expect(printed.err).toContain(message)
    expect(printed.out).toBe('')
    expect(readdirSync(folder.path)).toEqual([])
  })

  it('does nothing to a folder that is not empty', async () => {
    await using folder = await TemporaryFolder.create()
    await main(['my-server'], around(folder.path, false))
    const before = readFileSync(folder.file('my-server/.env'), 'utf8')
    expect(await main(['my-server'], around(folder.path, false))).toBe(2)
    expect(readFileSync(folder.file('my-server/.env'), 'utf8')).toBe(before)
  })

  it('fails with 1 where the system says no', async () => {
    const { printed, ...surroundings } = around(`/${'x'.repeat(300)}`, false)
    expect(await main(['my-server'], surroundings)).toBe(1)
    expect(printed.err).toMatch(/^error: ENAMETOOLONG/)
  })

  it('asks at a terminal until the answer will do', async () => {
    await using folder = await TemporaryFolder.create()
    const terminal = around(folder.path, true)
    const code = main([], terminal)
    await shown(terminal, 'Which folder is the new project to be in?')
    terminal.stdin.write('Bad\r')
    await shown(terminal, 'capital letters')
    terminal.stdin.write('\u0015good\r')
    expect(await code).toBe(0)
    expect(readdirSync(folder.path)).toEqual(['good'])
  })

  it('takes its own suggestion for an empty answer', async () => {
    await using folder = await TemporaryFolder.create()
    const terminal = around(folder.path, true)
    const code = main([], terminal)
    await shown(terminal, 'my-server')
    terminal.stdin.write('\r')
    expect(await code).toBe(0)
    expect(readdirSync(folder.path)).toEqual(['my-server'])
  })

  it('makes nothing when the user gives up', async () => {
    await using folder = await TemporaryFolder.create()
    const terminal = around(folder.path, true)
    const code = main([], terminal)
    await shown(terminal, 'my-server')
    terminal.stdin.write('\u0003')
    expect(await code).toBe(130)
    expect(readdirSync(folder.path)).toEqual([])
  })

  it('does not ask at a terminal when a folder is named', async () => {
    await using folder = await TemporaryFolder.create()
    const terminal = around(folder.path, true)
    expect(await main(['my-server'], terminal)).toBe(0)
    expect(terminal.printed.out).not.toContain('Which folder')
  })
})
