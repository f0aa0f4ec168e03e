import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** A fenced block of a document. */
export interface CodeBlock {
  /** The words after the backticks: language, then marks of ours. */
  readonly info: readonly string[]
  readonly code: string
  /** Line of the document on which the code begins, from 1. */
  readonly line: number
}

/** One Markdown file of this repository. */
export class MarkdownFile {
  /** Relative to the repository. */
  readonly path: string
  readonly text: string

  constructor(path: string) {
    this.path = path
    this.text = readFileSync(join(root, path), 'utf8')
  }

  get codeBlocks(): readonly CodeBlock[] {
    return [...this.text.matchAll(/^```(.*)\n([^]*?)^```$/gm)].map(({ 1: info = '', 2: code = '', index }) => ({
      info: info.split(' '),
      code,
      line: this.text.slice(0, index).split('\n').length + 1,
    }))
  }

  /** Headings of one level, without the marks; none from inside code. */
  headings(level: number): readonly string[] {
    return [...this.#prose.matchAll(new RegExp(`^#{${level}} (.+)$`, 'gm'))].map(({ 1: heading = '' }) => heading)
  }

  /** Where `#…` links may point to. */
  get anchors(): readonly string[] {
    const headings = [...this.#prose.matchAll(/^#+ (.+)$/gm)].map(({ 1: heading = '' }) => heading)
    return headings.map(heading =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}_ -]/gu, '')
        .replaceAll(' ', '-'),
    )
  }

  /** Targets of links. */
  get links(): readonly string[] {
    return [...this.#prose.matchAll(/\]\(([^)\s]+)\)/g)].map(({ 1: target = '' }) => target)
  }

  get #prose(): string {
    return this.text.replace(/^```[^]*?^```$/gm, '')
  }
}

/** Everything under `docs/`, the documents of the repository's first page, and those of the packages. */
export function markdownFiles(): readonly MarkdownFile[] {
  const docs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
  const packages = readdirSync(join(root, 'packages'))
  const paths = [
    'README.md',
    'CONTRIBUTING.md',
    'SECURITY.md',
    'examples/README.md',
    '.changeset/README.md',
    ...packages.map(name => `packages/${name}/README.md`),
    ...docs.filter(path => path.endsWith('.md')).map(path => `docs/${path}`),
  ]
  return paths.map(path => new MarkdownFile(path))
}
