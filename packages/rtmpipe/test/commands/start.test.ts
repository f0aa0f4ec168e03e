import { describe, expect, it } from 'vitest'
import { RunningProgram } from '../../../../test/support/running-program.ts'
import { command } from '../../../../test/support/server-process.ts'

const dataUrl = (code: string) => `data:text/javascript,${encodeURIComponent(code)}`

/** The packages that `rtmpipe …` loads. */
async function packagesOf(...args: readonly string[]): Promise<readonly string[]> {
  const hooks = `import { writeSync } from 'node:fs'
    export async function resolve(specifier, context, next) {
      if (!/^(node:|file:|data:|\\.)/.test(specifier)) writeSync(2, specifier + '\\n')
      return next(specifier, context)
    }`
  const registration = dataUrl(`import { register } from 'node:module'; register(${JSON.stringify(dataUrl(hooks))})`)
  await using program = new RunningProgram({
    name: 'rtmpipe',
    file: process.execPath,
    args: ['--import', registration, command, ...args],
  })
  const { stdout, stderr } = await program.finish(0)
  expect(stdout.length).toBeGreaterThan(0)
  return stderr
}

describe('what is loaded', () => {
  it.each(['--version', '-V'])('for %s is nothing', async option => {
    expect(await packagesOf(option)).toEqual([])
  })

  it.each([['--help'], ['serve', '--help'], ['dump', '--help']])('for %j is what makes the help', async (...args) => {
    expect(await packagesOf(...args)).toEqual(['@rtmpipe/dump/flags'])
  })
})
