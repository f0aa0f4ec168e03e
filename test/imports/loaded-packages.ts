import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** The packages, ours and others', whose modules a process of its own loads that runs this ES module. */
export async function loadedPackages(script: string): Promise<ReadonlySet<string>> {
  const args = ['--import', './tell-modules.js', '--input-type=module', '--eval', script]
  const options = { cwd: import.meta.dirname, timeout: 25_000, maxBuffer: 16 * 1024 * 1024 }
  const { stdout } = await promisify(execFile)(process.execPath, args, options)
  return new Set(stdout.split('\n').flatMap(packageOf))
}

/** Of a path or URL; packages of the workspace are links, and lie under `packages`. */
function packageOf(module: string): readonly string[] {
  const [, name] = /^.*[\\/](?:node_modules|packages)[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/.exec(module) ?? []
  return name === undefined ? [] : [name.replace('\\', '/')]
}
