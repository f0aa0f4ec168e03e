import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { run, RunningProgram } from '../support/running-program.ts'
import { words } from '../support/words.ts'

function node(script: string, limit = 10_000): RunningProgram {
  return new RunningProgram({ name: 'script', file: process.execPath, args: ['-e', script], limit })
}

test('awaits lines of both outputs, past and future', async () => {
  await using program = node('console.log("one"); console.error("two 2"); setInterval(() => {}, 1000)')
  const match = await program.waitForLine(/^two (\d)/)
  expect(match[1]).toBe('2')
  await program.waitForLine(/^one$/)
})

test('awaits a line that is accepted', async () => {
  await using program = node('for (let i = 0; i < 5; i++) console.log(`time ${i}`)')
  const match = await program.waitForLine(/^time (\d)/, ([, time]) => Number(time) >= 3)
  expect(match[1]).toBe('3')
})

test('shows the end of the output when the program ends without the line', async () => {
  await using program = node('console.error("out of paper"); process.exit(4)')
  await expect(program.waitForLine(/^ready/)).rejects.toThrow(/script ended with exit code 4[^]*out of paper/)
  await expect(program.finish()).rejects.toThrow(/exit code 4/)
  expect((await program.finish(0, 4)).code).toBe(4)
})

test('kills a program that takes too long', async () => {
  await using program = node('setInterval(() => {}, 1000)', 300)
  await expect(program.finish()).rejects.toThrow(/took longer than 300 ms/)
})

test('kills a program at the end of its scope', async () => {
  const program = node('console.log("up"); process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)')
  {
    await using scoped = program
    await scoped.waitForLine(/^up/)
  }
  expect((await program.exited).signal).toBe('SIGKILL')
})

test('says which program could not be started', async () => {
  expect(existsSync('/no/such/program')).toBe(false)
  await expect(run('/no/such/program', [])).rejects.toThrow(/\/no\/such\/program.*ENOENT/)
})

test('splits words of a command line but never values', () => {
  const more = ['-x', 'y z']
  const made = words`-i ${'a b'} -map 0:${1} location=${'c d'} ${more} ${[]} end`
  expect(made).toEqual(['-i', 'a b', '-map', '0:1', 'location=c d', '-x', 'y z', 'end'])
})
