import { stripVTControlCharacters } from 'node:util'
import type { TestContext } from 'vitest'
import { run, RunningProgram } from '../../../../test/support/running-program.ts'
import { command } from '../../../../test/support/server-process.ts'

/** Skips the test, saying why, where terminals cannot be had; in CI that is a failure. */
export async function requireTerminal(context: TestContext): Promise<void> {
  try {
    await run('script', ['--version'])
  } catch (error) {
    const reason = `no script of util-linux to make a terminal: ${(error as Error).message.split('\n')[0]}`
    if (process.env['CI'] !== undefined) throw new Error(reason, { cause: error })
    context.skip(reason)
  }
}

/** `rtmpipe …` on a terminal of 80 columns; the first line is `pid …`. */
export function onTerminal(...args: readonly string[]): RunningProgram {
  const words = [process.execPath, command, ...args].map(word => `'${word.replaceAll("'", `'\\''`)}'`)
  const line = `stty cols 80; echo pid $$; exec ${words.join(' ')}`
  return new RunningProgram({ name: `rtmpipe ${args[0]}`, file: 'script', args: ['-qefc', line, '/dev/null'] })
}

/** What was to be read on the terminal; a line that was drawn again is there again. */
export function readable(lines: readonly string[]): string {
  return stripVTControlCharacters(lines.join('\n').replaceAll('\x1b[1G', '\n'))
}
