import { existsSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { MarkdownFile, markdownFiles } from './markdown.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const links = markdownFiles().flatMap(({ path, links }) => links.map(target => ({ path, target })))

describe('links between documents', () => {
  it('are there at all', () => {
    expect(links.length).toBeGreaterThan(20)
  })

  it.each(links.filter(({ target }) => !target.includes('://')))('$path: $target', ({ path, target }) => {
    const [file = '', anchor] = target.split('#')
    const found = file === '' ? path : normalize(join(dirname(path), file))
    expect(existsSync(join(root, found)), `${found} does not exist`).toBe(true)
    if (anchor !== undefined) expect(new MarkdownFile(found).anchors).toContain(anchor)
  })
})
