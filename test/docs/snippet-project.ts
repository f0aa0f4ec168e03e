import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Exit, RunningProgram, run } from '../support/running-program.ts'
import { TemporaryFolder } from '../support/temporary-folder.ts'
import type { MarkdownFile } from './markdown.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const tsc = fileURLToPath(new URL('bin/tsc', import.meta.resolve('typescript/package.json')))

/** A block of TypeScript in a document, as a file. */
export interface Snippet {
  /** Path without extension, the document's folder included. */
  readonly file: string
  readonly code: string
  /** Marked ```` ```ts run ````: it is executed as well. */
  readonly runs: boolean
}

/**
 * The TypeScript blocks of a document, each a module of its own. A first line like `// name.ts` gives a block a name by which
 * later ones of the same document can import it. Code stands on the lines it has in the document, so that the compiler's
 * messages point there.
 */
export function snippetsOf(document: MarkdownFile): readonly Snippet[] {
  const folder = document.path.replace(/\.md$/, '')
  return document.codeBlocks
    .filter(({ info }) => info[0] === 'ts')
    .map(({ info, code, line }) => ({
      file: `${folder}/${/^\/\/ (\S+)\.ts\n/.exec(code)?.[1] ?? `line-${line}`}`,
      code: `${'\n'.repeat(line - 1)}${code}`,
      runs: info.includes('run'),
    }))
}

/** Snippets in a folder beside the built packages: compiled together as a reader would compile them, run one by one. */
export class SnippetProject implements AsyncDisposable {
  readonly #folder: TemporaryFolder

  private constructor(folder: TemporaryFolder) {
    this.#folder = folder
  }

  /** @param modules the folder in which packages are looked for; default that of the workspace */
  static async create(snippets: readonly Snippet[], modules = `${root}/node_modules`): Promise<SnippetProject> {
    const folder = await TemporaryFolder.create()
    await symlink(modules, folder.file('node_modules'))
    await writeFile(folder.file('package.json'), JSON.stringify({ type: 'module' }))
    await writeFile(folder.file('tsconfig.json'), JSON.stringify(tsconfig))
    for (const { file, code } of snippets) {
      const path = folder.file(`src/${file}.ts`)
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, code, { flag: 'wx' })
    }
    return new SnippetProject(folder)
  }

  /** One run of the compiler for all; resolves with its complaints. */
  async compile(): Promise<readonly string[]> {
    const args = [tsc, '-p', this.#folder.path]
    await using program = new RunningProgram({ name: 'tsc', file: process.execPath, args, limit: 120_000 })
    const { stdout, stderr } = await program.finish(0, 1, 2)
    return [...stdout, ...stderr]
  }

  /** Rejects when the snippet fails. @param node the Node that runs it; default that of the tests */
  run({ file }: Snippet, node = process.execPath): Promise<Exit> {
    // Only the end of what a program wrote is shown: this reporter puts the failures there.
    const reporter = ['--test-reporter=spec', '--test-reporter-destination=stderr']
    return run(node, [...reporter, this.#folder.file(`out/${file}.js`)], { name: file })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#folder[Symbol.asyncDispose]()
  }
}

const tsconfig = {
  extends: `${root}/tsconfig.base.json`,
  compilerOptions: {
    composite: false,
    declaration: false,
    declarationMap: false,
    isolatedDeclarations: false,
    experimentalDecorators: true,
    // Errors are told, and what has none is made all the same.
    noEmitOnError: false,
    rootDir: 'src',
    outDir: 'out',
  },
  include: ['src'],
}
