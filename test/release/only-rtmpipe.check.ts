import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RunningProgram } from '../support/running-program.ts'
import { tarball, UserProject } from './user-project.ts'

const maxMegabytes = 25
const maxPackages = 91

const typescript7 = fileURLToPath(new URL('bin/tsc', import.meta.resolve('typescript/package.json')))
const resolutions = { node16: 'node16', nodenext: 'nodenext', bundler: 'esnext' }

describe('a project that depends on rtmpipe only', () => {
  let project: UserProject
  let compiler: UserProject

  beforeAll(async () => {
    console.log('installing rtmpipe and TypeScript 5.9')
    project = await UserProject.create({ rtmpipe: tarball('rtmpipe') })
    await project.npmInstall()
    compiler = await UserProject.create({ typescript: '~5.9.3' })
    await compiler.npmInstall()
  })

  afterAll(async () => {
    await project[Symbol.asyncDispose]()
    await compiler[Symbol.asyncDispose]()
  })

  it(`has at most ${maxMegabytes} MB and ${maxPackages} packages installed`, async () => {
    const { bytes, bytesOnDisk, packages } = await project.installed()
    const megabytes = bytes / 1e6
    const onDisk = (bytesOnDisk / 1e6).toFixed(1)
    console.log(`rtmpipe in a fresh folder: ${megabytes.toFixed(1)} MB (${onDisk} on disk), ${packages} packages`)
    expect({ megabytes: megabytes <= maxMegabytes, packages: packages <= maxPackages }).toEqual({
      megabytes: true,
      packages: true,
    })
  })

  const compilers = [
    ['5.9', () => compiler.file('node_modules/typescript/bin/tsc')],
    ['7', () => typescript7],
  ] as const

  describe.each(compilers)('compiles under TypeScript %s', (version, tsc) => {
    it.each(Object.entries(resolutions))('with module resolution %s', async (moduleResolution, module) => {
      const folder = project.file(`typescript-${version}-${moduleResolution}`)
      await mkdir(folder)
      await writeFile(`${folder}/index.ts`, await everyEntryPoint(project))
      const compilerOptions = {
        strict: true,
        skipLibCheck: false,
        target: 'es2023',
        module,
        moduleResolution,
        noEmit: true,
      }
      await writeFile(`${folder}/tsconfig.json`, JSON.stringify({ compilerOptions, include: ['index.ts'] }))
      await using program = new RunningProgram({
        name: 'tsc',
        file: process.execPath,
        args: [tsc(), '-p', folder],
        limit: 60_000,
      })
      const { stdout } = await program.finish(0, 1, 2)
      expect(stdout).toEqual([])
    })
  })
})

/** A server in a line, and all that can be imported where nothing else is installed. */
async function everyEntryPoint(project: UserProject): Promise<string> {
  const folder = project.file('node_modules/rtmpipe')
  const { exports } = JSON.parse(await readFile(`${folder}/package.json`, 'utf8')) as { exports: Exports }
  // The kit for tests is a package that users of it install.
  const paths = Object.keys(exports).filter(path => !['.', './testing', './package.json'].includes(path))
  const all = (await Promise.all(paths.map(path => matches(folder, path, exports[path]?.types ?? '')))).flat()
  return [
    "import { createServer, tcp } from 'rtmpipe'",
    'export const server = createServer({ transports: [tcp()] })',
    ...all.map((path, index) => `export * as more${index} from 'rtmpipe${path.slice(1)}'`),
    '',
  ].join('\n')
}

type Exports = Readonly<Record<string, { readonly types: string }>>

/** The paths behind one with `*`, by the types that there are. */
async function matches(folder: string, path: string, types: string): Promise<string[]> {
  const [before = '', after] = types.split('*')
  if (after === undefined) return [path]
  const files = (await readdir(join(folder, before))).filter(file => file.endsWith(after))
  expect(files.length).toBeGreaterThan(0)
  return files.map(file => path.replace('*', file.slice(0, -after.length)))
}
