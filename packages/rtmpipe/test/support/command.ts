import { expect, vi } from 'vitest'
import { RunningProgram } from '../../../../test/support/running-program.ts'
import { command } from '../../../../test/support/server-process.ts'
import { main } from '../../src/commands/main.ts'

export { freePort } from '../../../../test/support/free-port.ts'

/** `rtmpipe …` in a process of its own. */
export function rtmpipe(...args: readonly string[]): RunningProgram {
  return new RunningProgram({ name: `rtmpipe ${args[0]}`, file: process.execPath, args: [command, ...args] })
}

/** Runs `rtmpipe …`, which must end with that exit code and one line on standard error. Resolves with the line. */
export async function failureOf(code: number, ...args: readonly string[]): Promise<string> {
  await using program = rtmpipe(...args)
  const { stdout, stderr } = await program.finish(code)
  expect(stdout).toEqual([])
  expect(stderr).toHaveLength(1)
  return stderr[0] ?? ''
}

/** The same in this process, which takes less time. Not for tests that run at the same time as others. */
export async function failureHere(code: number, ...args: readonly string[]): Promise<string> {
  const written: string[] = []
  const { exitCode } = process
  const spy = vi.spyOn(process.stderr, 'write').mockImplementation(text => written.push(String(text)) > 0)
  try {
    await main(args)
    expect(process.exitCode).toBe(code)
  } finally {
    spy.mockRestore()
    process.exitCode = exitCode
  }
  const [line = '', ...rest] = written.join('').split('\n')
  expect(rest).toEqual([''])
  return line
}
