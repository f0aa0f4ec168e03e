import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { TemporaryFolder } from '../../../../test/support/temporary-folder.ts'
import { CommandLineLayer, type GivenOptions } from '../../src/config/command-line-layer.ts'
import { ConfigError } from '../../src/config/config-error.ts'
import { type ConfigSources, loadConfig as loadForm } from '../../src/config/load.ts'
import { form } from '../../src/sections/form.ts'
import type { ServeConfig } from '../../src/sections/index.ts'
import type { LoadedConfig } from '../../src/serve/load.ts'
import { serveOptions } from '../../src/serve/options.ts'

const loadConfig = (sources: ConfigSources) => loadForm<ServeConfig>(form, sources)

interface Sources {
  readonly file?: string
  readonly environment?: Readonly<Record<string, string>>
  readonly options?: GivenOptions
}

/** Loads what is written to that file of a new folder. */
async function load(
  name: string,
  text: string,
  { environment = {}, options = {} }: Sources = {},
): Promise<LoadedConfig> {
  await using folder = await TemporaryFolder.create()
  await writeFile(folder.file(name), text)
  try {
    const commandLine = (others: object) =>
      new CommandLineLayer(form.schema, serveOptions, options, others as Record<string, unknown>)
    return await loadConfig({ file: folder.file(name), environment, commandLine })
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    // As if the folder were the working directory.
    throw new ConfigError(error.problems.map(problem => problem.replaceAll(`${folder.path}/`, '')))
  }
}

async function problemsOf(...args: Parameters<typeof load>): Promise<readonly string[]> {
  const error = await load(...args).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(ConfigError)
  expect(error).toMatchObject({ code: 'RTMP_ERR_CONFIG' })
  return (error as ConfigError).problems
}

const typescript = `
import { defineConfig, type Config } from 'rtmpipe/config'

const record: Config['record'] = { dir: 'from file', format: 'mp4' as const }
export default defineConfig({ record, rtmp: 1000, rtmps: 1001, rtmpt: 1002, host: undefined })
`

describe('a configuration file', () => {
  it('may be TypeScript, with imports that are read anew', async () => {
    await using folder = await TemporaryFolder.create()
    const file = folder.file('rtmpipe.config.ts')
    await writeFile(file, "import { port } from './port.ts'\nexport default { rtmp: port as number }")
    for (const port of [4711, 4712]) {
      await writeFile(folder.file('port.ts'), `export const port: number = ${port}`)
      expect((await loadConfig({ file, environment: {} })).config.rtmp).toBe(port)
    }
  })

  it.each([
    ['x.config.js', "import { defineConfig } from 'rtmpipe/config'\nexport default defineConfig({ host: 'h' })"],
    ['x.config.js', "module.exports = { host: 'h' }"],
    ['x.config.mjs', "const host = await Promise.resolve('h')\nexport default { host }"],
    ['x.config.json', '{ "$schema": "./schema.json", "host": "h", /* a */ }'],
  ])('may be %s: %s', async (name, text) => {
    expect((await load(name, text)).config).toEqual({
      host: 'h',
      rtmp: 1935,
      rtmps: 1936,
      rtmpt: 8080,
      rtmpts: 8443,
      rtmfp: 'off',
      websocket: 'on',
      workers: 1,
      mergeWindow: 20,
      publishWait: 30,
      port: 'off',
      tlsMax: '1.3',
      tlsCompat: false,
      web: false,
      data: '.rtmpipe',
      logLevel: 'info',
    })
  })

  it('is found by its name, and must be the only one', async () => {
    await using folder = await TemporaryFolder.create()
    const sources = { folder: folder.path, environment: {} }
    expect((await loadConfig(sources)).file).toBeUndefined()
    await writeFile(folder.file('rtmpipe.config.json'), '{}')
    await writeFile(folder.file('rtmpipe.config.ts'), 'export default {}')
    await expect(loadConfig(sources)).rejects.toThrow(
      'rtmpipe.config.ts and rtmpipe.config.json are both here: name one with --config',
    )
  })

  it('has plugins of its own, which use the same rtmpipe as the command', async () => {
    await using folder = await TemporaryFolder.create()
    const root = fileURLToPath(new URL('../../../../node_modules', import.meta.url))
    await symlink(root, folder.file('node_modules'))
    await mkdir(folder.file('lib'))
    await writeFile(folder.file('lib/hello.ts'), "export class Hello { readonly name: string = 'hello' }")
    await writeFile(
      folder.file('c.ts'),
      `import { deny } from 'rtmpipe'
      import { Hello } from './lib/hello.ts'
      export default { plugins: [Hello, { name: 'b', onPlay: () => deny('NetStream.Play.Failed', 'no') }] }`,
    )
    const { config } = await loadConfig({ file: folder.file('c.ts'), environment: {} })
    expect(config.plugins?.map(({ name }) => name)).toEqual(['Hello', 'b'])
    await writeFile(folder.file('none.ts'), 'export default { plugins: [] }')
    expect((await loadConfig({ file: folder.file('none.ts'), environment: {} })).config).not.toHaveProperty('plugins')
  })
})

describe('who has the first say', () => {
  it('is the command line, then the environment, then the file, then the default', async () => {
    const environment = { RTMPIPE_RTMP: '2000', RTMPIPE_RTMPS: '2001', RTMPIPE_RECORD_DIR: 'from environment' }
    const { config, layers } = await load('c.ts', typescript, { environment, options: { rtmp: '3000' } })
    expect(config).toMatchObject({ rtmp: 3000, rtmps: 2001, rtmpt: 1002, rtmpts: 8443, host: '127.0.0.1' })
    expect(config.record).toEqual({ dir: 'from environment', format: 'mp4' })
    const origin = (...path: string[]) => layers.originOf(path)?.placeOf(path)
    expect(origin('rtmp')).toBe('--rtmp')
    expect(origin('rtmps')).toBe('RTMPIPE_RTMPS')
    expect(origin('rtmpt')).toMatch(/c\.ts$/)
    expect(origin('rtmpts')).toBe('default')
  })

  it('takes lists whole', async () => {
    const text = "export default { auth: { publishKeys: { keys: ['a', 'b'], parameter: 'k' } } }"
    const environment = { RTMPIPE_AUTH_PUBLISH_KEYS_KEYS_0: 'c' }
    expect((await load('c.ts', text, { environment })).config.auth).toEqual({
      publishKeys: { keys: ['c'], parameter: 'k' },
    })
    const options = { publishKey: ['d', 'e'] }
    expect((await load('c.ts', text, { environment, options })).config.auth?.publishKeys?.keys).toEqual(['d', 'e'])
  })

  it.each<[GivenOptions, object | undefined]>([
    [{ recordFormat: 'mp4' }, undefined],
    [
      { recordFormat: 'mp4', record: 'here' },
      { dir: 'here', format: 'mp4' },
    ],
  ])('%j asks for a recording only by its folder', async (options, record) => {
    expect((await load('c.json', '{}', { options })).config.record).toEqual(record)
  })

  it('is the file that the environment names, before the one of the folder', async () => {
    await using folder = await TemporaryFolder.create()
    await writeFile(folder.file('rtmpipe.config.json'), '{ "host": "found" }')
    await writeFile(folder.file('named.json'), '{ "host": "named" }')
    const environment = { RTMPIPE_CONFIG: folder.file('named.json') }
    expect((await loadConfig({ folder: folder.path, environment })).config.host).toBe('named')
    expect((await loadConfig({ folder: folder.path, environment: {} })).config.host).toBe('found')
  })
})

describe('what is wrong is told all at once, with its place', () => {
  it('in a TypeScript file, the environment and the command line', async () => {
    const text = `export default {
  record: {
    format: 'avi',
  },
  auth: { publishKeys: { keys: ['', 'hush'], paramter: 'hush' } },
}`
    const environment = { RTMPIPE_WORKERS: '65', RTMPIPE_RECORD_NAME: '', RTMPIPE_LOGLEVEL: 'info' }
    expect(await problemsOf('c.ts', text, { environment, options: { rtmp: '65536', data: '', cert: 'a' } })).toEqual([
      'RTMPIPE_LOGLEVEL: unknown variable, did you mean RTMPIPE_LOG_LEVEL?',
      '--rtmp 65536: expected a port from 0 to 65535, or off',
      'RTMPIPE_WORKERS: expected a number from 1 to 64, got 65',
      '--data: expected a folder',
      'c.ts: record.format: expected flv or mp4, got "avi"',
      'RTMPIPE_RECORD_NAME: expected a text that is not empty, got ""',
      'RTMPIPE_RECORD_DIR: missing, expected a folder',
      'c.ts: auth.publishKeys.keys[0]: expected a key that is not empty',
      'c.ts: auth.publishKeys.paramter: unknown setting, did you mean parameter?',
      '--cert needs --key beside it',
    ])
  })

  it.each<[string, string, readonly string[]]>([
    ['c.json', '{\n  "record": { "format": "flv" }\n}', ['c.json:2:3: record.dir: missing, expected a folder']],
    ['c.json', '{\n  "host": "hush"\n  "data": 1 }', ['c.json:3:3: expected a comma']],
    ['c.json', "{ 'host': 1 }", ['c.json:1:3: this is not JSON: names and texts stand in double quotes']],
    ['c.json', '{\n  host: 1 }', ['c.json:2:3: this is not JSON: names and texts stand in double quotes']],
    ['c.json', '[]', ['c.json: expected an object with settings, like { … }']],
    ['c.ts', 'export default {\n  host: "hush" "x",\n}', ['c.ts:2:16: Unexpected token, expected ","']],
    [
      'c.ts',
      'export const host = 1',
      ['c.ts: expected an object with settings, like export default defineConfig({ … })'],
    ],
    [
      'c.ts',
      'export default {\n plugins: [{ nam: 1 }] }',
      ['c.ts: plugins[0]: expected a plugin: an object with a name, or a class'],
    ],
    [
      'c.ts',
      'function record(): void {}\nexport default { plugins: [class {}, record] }',
      [
        'c.ts: plugins[1]: expected a plugin: an object with a name, or a class; this is a function: call it, like record({ … })',
      ],
    ],
    ['c.ts', 'export default {\n plugins: {} }', ['c.ts: plugins: expected a list of plugins']],
    ['c.ts', 'export default Object.assign({}, { hosst: 1 })', ['c.ts: hosst: unknown setting, did you mean host?']],
    [
      'c.json',
      '{ "plugins": [] }',
      ['c.json:1:3: plugins: this is code, which only TypeScript and JavaScript can have'],
    ],
    [
      'c.json',
      '{ "plugins": [{ "name": "record" }] }',
      ['c.json:1:3: plugins: this is code, which only TypeScript and JavaScript can have'],
    ],
  ])('%s: %j', async (name, text, expected) => {
    expect(await problemsOf(name, text)).toEqual(expected)
  })

  it('of a file that is not there, and of the environment beside it', async () => {
    const environment = { RTMPIPE_CONFIG: 'no/such/file.json', RTMPIPE_HOTS: '1' }
    await expect(loadConfig({ environment })).rejects.toMatchObject({
      problems: [
        'RTMPIPE_HOTS: unknown variable, did you mean RTMPIPE_HOST?',
        "can't read no/such/file.json: ENOENT: no such file or directory, open 'no/such/file.json'",
      ],
    })
  })

  it('of a file that throws, with the line as it is in the file', async () => {
    const text = "interface A {}\nexport default {\n  host: (() => { throw new Error('no host') })() }"
    expect(await problemsOf('c.ts', text)).toEqual(['c.ts:3:3: no host'])
    expect(await problemsOf('c.ts', "throw new Error('first')")).toEqual(['c.ts:1:1: first'])
    expect(await problemsOf('c.ts', "throw 'a text'")).toEqual(['c.ts: a text'])
  })

  it.each([
    ['', 'c.ts'],
    ["import { defineConfig } from 'rtmpipe/config'\ndefineConfig({ host: '::' })", 'c.ts'],
    ["const config = { host: '::' }", 'c.js'],
    ["export const config = { host: '::' }", 'c.mjs'],
  ])('of a file that exports no settings: %j', async (text, name) => {
    expect(await problemsOf(name, text)).toEqual([
      `${name}: expected an object with settings, like export default defineConfig({ … })`,
    ])
  })

  it('of a file of another kind, which may be JavaScript by chance', async () => {
    const [problem] = await problemsOf('c.yaml', 'host: "::"')
    expect(problem).toBe('c.yaml: expected a name that ends with one of .ts, .mts, .cts, .js, .mjs, .cjs, .json')
  })

  it('of a file that was there the last time, unless another has taken its place', async () => {
    await using folder = await TemporaryFolder.create()
    const sources = { folder: folder.path, environment: {}, before: 'rtmpipe.config.ts' }
    await expect(loadConfig(sources)).rejects.toThrow('rtmpipe.config.ts is gone: to do without')
    await writeFile(folder.file('rtmpipe.config.json'), '{}')
    expect((await loadConfig(sources)).file).toBe(folder.file('rtmpipe.config.json'))
  })

  it('of a link that leads nowhere', async () => {
    await using folder = await TemporaryFolder.create()
    await symlink('nowhere.ts', folder.file('rtmpipe.config.ts'))
    await expect(loadConfig({ folder: folder.path, environment: {} })).rejects.toThrow(
      /^can't read .*rtmpipe\.config\.ts: ENOENT/,
    )
  })

  it('of a file that it imports', async () => {
    await using folder = await TemporaryFolder.create()
    await writeFile(folder.file('other.ts'), 'export const a = 1\nexport const b = = 2')
    await writeFile(folder.file('c.ts'), "import { a } from './other.ts'\nexport default { host: a }")
    await expect(loadConfig({ file: folder.file('c.ts'), environment: {} })).rejects.toThrow(
      /other\.ts:2:\d+: Unexpected token/,
    )
  })
})
