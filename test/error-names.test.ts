import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const packages = fileURLToPath(new URL('../packages', import.meta.url))

function* sources(): Generator<[file: string, text: string]> {
  for (const name of readdirSync(packages)) {
    const entries = readdirSync(join(packages, name), { recursive: true, withFileTypes: true })
    for (const entry of entries) {
      const file = join(entry.parentPath, entry.name)
      if (entry.isFile() && /\/src\/.*\.tsx?$/.test(file) && !file.includes('/node_modules/'))
        yield [file.slice(packages.length + 1), readFileSync(file, 'utf8')]
    }
  }
}

test('every class of errors has its name as a string, which a minifier leaves alone', () => {
  const named: string[] = []
  const nameless: string[] = []
  for (const [file, text] of sources()) {
    expect(text, file).not.toMatch(/new\.target\.name|constructor\.name/)
    for (const [, name, body] of text.matchAll(/class (\w+) extends \w*Error\b(?:<.*>)? \{([^]*?)^\}/gm)) {
      const isNamed = new RegExp(`\\bname(: string)? = '${name}'`).test(body ?? '')
      ;(isNamed ? named : nameless).push(`${file}: ${name}`)
    }
  }
  expect(nameless).toEqual([])
  expect(named.length).toBeGreaterThan(35)
})
