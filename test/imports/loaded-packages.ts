import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { TemporaryFolder } from '../support/temporary-folder.ts'

/** The packages, ours and others', whose modules a process of its own loads that runs this ES module. */
export async function loadedPackages(script: string): Promise<ReadonlySet<string>> {
  await using folder = await TemporaryFolder.create()
  const file = folder.file('modules')
  const args = ['--import', './note-modules.js', '--input-type=module', '--eval', script]
  const env = { ...process.env, LOADED_MODULES: file }
  await promisify(execFile)(process.execPath, args, { cwd: import.meta.dirname, env, timeout: 25_000 })
  return new Set((await readFile(file, 'utf8')).split('\n').flatMap(packageOf))
}

/** Of a path or URL; packages of the workspace are links, and lie under `packages`. */
function packageOf(module: string): readonly string[] {
  const [, name] = /^.*[\\/](?:node_modules|packages)[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/.exec(module) ?? []
  return name === undefined ? [] : [name.replace('\\', '/')]
}
