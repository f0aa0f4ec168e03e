import { readFile, symlink, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { RunningProgram } from '../../../../test/support/running-program.ts'
import { TemporaryFolder } from '../../../../test/support/temporary-folder.ts'

const tsc = fileURLToPath(new URL('bin/tsc', import.meta.resolve('typescript/package.json')))
const modules = fileURLToPath(new URL('../../../../node_modules', import.meta.url))

const tsconfig = {
  compilerOptions: {
    target: 'es2023',
    lib: ['es2023', 'esnext.disposable'],
    module: 'nodenext',
    types: ['node'],
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: true,
    noEmit: true,
  },
}

/** `FILE:LINE CODE` of what the compiler says of these files, put beside the built packages. */
async function complaints(files: Readonly<Record<string, string>>): Promise<string[]> {
  await using folder = await TemporaryFolder.create()
  await symlink(modules, folder.file('node_modules'))
  const all = { ...files, 'package.json': '{"type":"module"}', 'tsconfig.json': JSON.stringify(tsconfig) }
  for (const [name, text] of Object.entries(all)) await writeFile(folder.file(name), text)
  const args = [tsc, '-p', folder.path, '--pretty', 'false']
  await using program = new RunningProgram({ name: 'tsc', file: process.execPath, args, limit: 120_000 })
  const { stdout } = await program.finish(0, 1, 2)
  return stdout.flatMap(line => {
    const [, file, number, code] = /([^/(]+)\((\d+),\d+\): error (TS\d+):/.exec(line) ?? []
    return file === undefined ? [] : [`${file}:${number} ${code}`]
  })
}

it('the types of all hooks are what they should be, and wrong plugins do not compile', async () => {
  const right = await readFile(new URL('hooks.test-d.ts', import.meta.url), 'utf8')
  const wrong = await readFile(new URL('fixtures/wrong-plugins.txt', import.meta.url), 'utf8')
  const marked = wrong.split('\n').flatMap((line, index) => {
    const code = / \/\/ (TS\d+)$/.exec(line)?.[1]
    return code === undefined ? [] : [`wrong.ts:${index + 1} ${code}`]
  })
  expect(marked.length).toBeGreaterThan(40)
  expect(await complaints({ 'right.ts': right, 'wrong.ts': wrong })).toEqual(marked)
}, 150_000)
