import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { schema } from '../../src/sections/index.ts'
import type { SchemaNode } from '../../src/config/schema-node.ts'
import { serveOptions } from '../../src/serve/options.ts'

const packages = new URL('../../../', import.meta.url)

/** TypeScript files of a folder of `packages`, by their paths from there. */
function sourcesIn(folder: string): readonly string[] {
  const entries = readdirSync(new URL(folder, packages), { recursive: true, encoding: 'utf8' })
  return entries.filter(name => name.endsWith('.ts')).map(name => `${folder}${name}`)
}

const textOf = (file: string) => readFileSync(fileURLToPath(new URL(file, packages)), 'utf8')

function textOfDefault(node: SchemaNode | undefined): string | undefined {
  const initial = node?.default
  return typeof initial === 'number' ? String(initial) : (initial as string | undefined)
}

describe('the configuration', () => {
  it('is read by an engine that knows no plugin, no section and no server', () => {
    const imports = sourcesIn('rtmpipe/src/config/').flatMap(file =>
      [...textOf(file).matchAll(/from '(.+?)'|import\('(.+?)'\)/g)].map(([, from, dynamic]) => from ?? dynamic),
    )
    const others = [...new Set(imports)].filter(from => !from?.startsWith('./') && !from?.startsWith('node:'))
    // What the template writes is an import too.
    expect(others.sort()).toEqual(['@rtmpipe/amf', '@rtmpipe/chunk-stream', 'jiti', 'jsonc-parser', 'rtmpipe/config'])
  })

  it('knows a plugin in three files: its section, the list of sections, and its other name', () => {
    const names = readdirSync(packages).filter(name => name !== 'plugins')
    const sources = names.flatMap(name => sourcesIn(`${name}/src/`))
    const about = (words: RegExp) =>
      sources.filter(file => words.test(textOf(file))).map(file => file.slice('rtmpipe/src/'.length))
    expect(about(/publisherReturn|publisher-return/).sort()).toEqual([
      'plugins/publisher-return.ts',
      'sections/index.ts',
      'sections/publisher-return.ts',
    ])
    expect(about(/\bquotas\b/i).sort()).toEqual(['plugins/quotas.ts', 'sections/index.ts', 'sections/quotas.ts'])
  })

  it('gives every plugin a name in rtmpipe, where it is the same', async () => {
    const folder = new URL('plugins/src/', packages)
    // Tokens are no plugin: rtmpipe has them under its own name.
    const plugins = readdirSync(folder).filter(
      name => name !== 'tokens' && existsSync(new URL(`${name}/index.ts`, folder)),
    )
    expect(plugins.length).toBeGreaterThan(5)
    for (const name of plugins) {
      const [ours, original] = await Promise.all([
        import(`rtmpipe/plugins/${name}`) as Promise<object>,
        import(`@rtmpipe/plugins/${name}`) as Promise<object>,
      ])
      expect({ ...ours }, name).toEqual({ ...original })
    }
  })

  it('has the defaults that the options of the command say', () => {
    const at = (path: readonly (string | number)[]) =>
      path.reduce<SchemaNode | undefined>((node, name) => node?.properties?.[name], schema)
    for (const { flags, path, default: initial } of serveOptions) {
      expect(at(path), flags).toBeDefined()
      expect(initial, flags).toBe(textOfDefault(at(path)))
    }
  })
})
