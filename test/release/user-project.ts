import { readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inject } from 'vitest'
import { RunningProgram } from '../support/running-program.ts'
import { TemporaryFolder } from '../support/temporary-folder.ts'

/** The dependencies of a project, by name: a version, or the path of a tarball. */
export type Dependencies = Readonly<Record<string, string>>

/** A folder outside of the workspace, with what a user would have installed there. */
export class UserProject implements AsyncDisposable {
  readonly #folder: TemporaryFolder

  private constructor(folder: TemporaryFolder) {
    this.#folder = folder
  }

  /** What our packages want of one another is taken from the tarballs, the rest from the registry. */
  static async create(dependencies: Dependencies): Promise<UserProject> {
    const project = new UserProject(await TemporaryFolder.create())
    const ours = Object.entries(inject('tarballs')).filter(([name]) => !(name in dependencies))
    const overrides = Object.fromEntries(ours.map(([name, path]) => [name, `file:${path}`]))
    const manifest = { type: 'module', private: true, dependencies, overrides, pnpm: { overrides } }
    await writeFile(project.file('package.json'), JSON.stringify(manifest))
    return project
  }

  file(name: string): string {
    return this.#folder.file(name)
  }

  async npmInstall(): Promise<void> {
    await this.#run('npm', ['install', '--prefix', this.#folder.path, '--no-audit', '--no-fund'])
  }

  /** Packages lie apart, and each sees only what it depends on itself. */
  async pnpmInstall(): Promise<void> {
    await using tool = await UserProject.create({ pnpm: '^10.34.8' })
    await tool.npmInstall()
    const pnpm = tool.file('node_modules/pnpm/bin/pnpm.cjs')
    const folders = ['DATA', 'CACHE', 'STATE', 'CONFIG'].map(name => [`XDG_${name}_HOME`, this.file('.pnpm-home')])
    const words = [pnpm, 'install', '--dir', this.#folder.path, '--store-dir', this.file('.pnpm-store')]
    await this.#run(process.execPath, words, Object.fromEntries(folders))
  }

  /** How many packages are installed, how many bytes their files have, and how many they take on this disk. */
  async installed(): Promise<{ packages: number; bytes: number; bytesOnDisk: number }> {
    const modules = this.file('node_modules')
    const entries = await readdir(modules, { recursive: true, withFileTypes: true })
    const files = entries.filter(entry => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
    const stats = await Promise.all(files.map(file => stat(file)))
    const isPackage = (file: string): boolean =>
      /node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+[\\/]package\.json$/.test(file)
    return {
      packages: files.filter(isPackage).length,
      bytes: stats.reduce((sum, { size }) => sum + size, 0),
      bytesOnDisk: stats.reduce((sum, { blocks }) => sum + blocks * 512, 0),
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#folder[Symbol.asyncDispose]()
  }

  async #run(file: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<void> {
    await using program = new RunningProgram({ file, args, env, limit: 150_000 })
    await program.finish()
  }
}

/** The tarball of one of our packages. */
export function tarball(name: string): string {
  const path = inject('tarballs')[name]
  if (path === undefined) throw new Error(`there is no tarball of ${name}`)
  return `file:${path}`
}
