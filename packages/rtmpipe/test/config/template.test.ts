import { writeFile } from 'node:fs/promises'
import { silentLogger } from '@rtmpipe/session'
import { describe, expect, it } from 'vitest'
import { TemporaryFolder } from '../../../../test/support/temporary-folder.ts'
import { sectionProblems } from '../../src/serve/section-plugins.ts'
import { loadConfig } from '../../src/config/load.ts'
import { form } from '../../src/sections/form.ts'
import { schema, type ServeConfig } from '../../src/sections/index.ts'
import { configTemplate } from '../../src/config/template.ts'

/** Lines that are off, and would be settings. */
const off = /^(\s*)\/\/ ("?\w+"?: .*)$/

async function loaded(text: string, format: 'ts' | 'json'): Promise<ServeConfig> {
  await using folder = await TemporaryFolder.create()
  const file = folder.file(`rtmpipe.config.${format}`)
  await writeFile(file, text)
  const { config } = await loadConfig<ServeConfig>(form, { file, environment: {} })
  expect(await sectionProblems(config, silentLogger)).toEqual([])
  return config
}

/** Names of settings, those of groups with their group. */
function names(config: object): readonly string[] {
  const groups = ['auth', 'relay', 'sessionLimits']
  return Object.entries(config).flatMap(([name, value]) =>
    groups.includes(name) ? Object.keys(value as object).map(part => `${name}.${part}`) : [name],
  )
}

const { sessionLimits, auth, relay, ...rest } = schema.properties ?? {}
const parts = Object.entries({ sessionLimits, auth, relay }).flatMap(([group, node]) =>
  Object.keys(node?.properties ?? {}).map(part => `${group}.${part}`),
)
const everything = [...Object.keys(rest), ...parts]

describe.each(['ts', 'json'] as const)('what rtmpipe init writes: %s', format => {
  const lines = configTemplate(form, format).split('\n')
  const settings = lines.flatMap((line, index) => (off.test(line) ? [{ line: line.trim(), index }] : []))

  it('does nothing as it is', async () => {
    const config = await loaded(lines.join('\n'), format)
    const none = await loaded(format === 'ts' ? 'export default {}' : '{}', format)
    expect({ ...config, auth: {}, relay: {}, sessionLimits: {} }).toEqual({
      ...none,
      auth: {},
      relay: {},
      sessionLimits: {},
    })
    expect(config).toMatchObject({ auth: {}, relay: {}, sessionLimits: {} })
  })

  it.each(settings)('$line can be switched on alone', async ({ line, index }) => {
    const on = lines.with(index, (lines[index] ?? '').replace(off, '$1$2'))
    const [, name = ''] = /"?(\w+)/.exec(line) ?? []
    expect(names(await loaded(on.join('\n'), format)).join(' ')).toMatch(new RegExp(`\\b${name}\\b`))
  })

  it('has everything, and all of it can be switched on', async () => {
    const on = lines.map(line => line.replace(off, '$1$2')).join('\n')
    const all = format === 'ts' ? [...everything, 'plugins'] : everything
    expect([...names(await loaded(on, format))].sort()).toEqual([...all].sort())
  })
})
