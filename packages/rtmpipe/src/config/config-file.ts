import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { extname, join, relative, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { PluginClass } from '@rtmpipe/plugins'
import type { Plugin } from '@rtmpipe/session'
import { ConfigError } from './config-error.ts'
import { FileLayer, placesIn } from './file-layer.ts'
import { plainJson } from './json-text.ts'
import { isSettings, type Settings } from './path.ts'

export const fileNames: readonly string[] = [
  'rtmpipe.config.ts',
  'rtmpipe.config.js',
  'rtmpipe.config.mjs',
  'rtmpipe.config.json',
]

export interface ConfigFile {
  readonly layer: FileLayer
  readonly plugins: readonly (Plugin | PluginClass)[]
}

/** The configuration file of a folder, if it has one. @throws ConfigError when it has several */
export function findConfigFile(folder: string): string | undefined {
  const [file, other] = fileNames.filter(name => existsSync(resolve(folder, name)))
  if (other !== undefined) throw new ConfigError([`${file} and ${other} are both here: name one with --config`])
  return file && join(folder, file)
}

/** Reads a file anew, with all that it imports from files. @throws ConfigError for what can't be read or run */
export async function readConfigFile(file: string): Promise<ConfigFile> {
  const value = extname(file) === '.json' ? await readJson(file) : await run(file)
  if (!isSettings(value)) {
    const example = extname(file) === '.json' ? '{ … }' : 'export default defineConfig({ … })'
    throw new ConfigError([`${file}: expected an object with settings, like ${example}`])
  }
  const { plugins = [], $schema: _schema, ...settings } = value
  const problems = pluginProblems(plugins)
  const layer = new FileLayer(file, withoutUndefined(settings))
  if (problems.length > 0) {
    throw new ConfigError(await Promise.all(problems.map(({ path, text }) => layer.tell({ path, text }))))
  }
  return { layer, plugins: plugins as readonly (Plugin | PluginClass)[] }
}

async function readJson(file: string): Promise<unknown> {
  const text = plainJson(await read(file))
  try {
    return JSON.parse(text)
  } catch (error) {
    // What JSON.parse says quotes the text, which may be secret.
    const problem = (await placesIn(file))?.syntaxProblem
    const at = problem ?? placeIn(text, (error as Error).message)
    const why = problem?.text ?? 'this is not JSON: names and texts stand in double quotes'
    throw new ConfigError([`${file}${at === undefined ? '' : `:${at.line}:${at.column}`}: ${why}`])
  }
}

/** Some versions of Node say which character it is. */
function placeIn(text: string, message: string): { line: number; column: number } | undefined {
  const [, position] = / at position (\d+)/.exec(message) ?? []
  if (position === undefined) return undefined
  const lines = text.slice(0, Number(position)).split('\n')
  return { line: lines.length, column: (lines.at(-1) ?? '').length + 1 }
}

async function run(file: string): Promise<unknown> {
  const source = await read(file)
  const { createJiti } = await import('jiti')
  const path = resolve(file)
  const here = fileURLToPath(new URL(`./index${extname(import.meta.url)}`, import.meta.url))
  const jiti = createJiti(pathToFileURL(path).href, {
    fsCache: false,
    moduleCache: false,
    interopDefault: false,
    // What a command installed elsewhere brings along; its own modules are there already.
    alias: { 'rtmpipe/config': here },
    nativeModules: ['rtmpipe', '@rtmpipe'],
  })
  try {
    // Importing it would be up to Node where it is JavaScript, and Node reads no module twice.
    const options = { filename: path, ext: extname(path), async: true, forceTranspile: true }
    const module = (await jiti.evalModule(source, options)) as { default?: unknown; __esModule?: unknown }
    const isCommonJs = module.default === undefined && module.__esModule === undefined
    return isCommonJs ? module : module.default
  } catch (error) {
    throw new ConfigError([await failure(file, error as Error)], { cause: error })
  }
}

/** A syntax error of the file itself, or what it threw, and where. */
async function failure(file: string, error: Error): Promise<string> {
  const syntax = (await placesIn(file))?.syntaxProblem
  if (syntax !== undefined) return `${file}:${syntax.line}:${syntax.column}: ${syntax.text}`
  // A file that it imports, where jiti can't read that.
  const [, reason, other, at] = /ParseError: (.*?)\s*\n\s*(\S+?):(\d+:\d+)/.exec(error.message) ?? []
  if (other !== undefined) return `${relative('.', other)}:${at}: ${reason}`
  const name = resolve(file)
  const frames = (error.stack ?? '').split('\n').filter(line => line.trimStart().startsWith('at '))
  const frame = frames.find(line => line.includes(`${name}:`))
  const place = frame === undefined ? undefined : /:(\d+:\d+)\)?$/.exec(frame)?.[1]
  const [text = ''] = error.message.split('\n')
  return `${file}${place === undefined ? '' : `:${place}`}: ${text}`
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new ConfigError([`can't read ${file}: ${(error as Error).message}`], { cause: error })
  }
}

function pluginProblems(plugins: unknown): readonly { path: (string | number)[]; text: string }[] {
  if (!Array.isArray(plugins)) return [{ path: ['plugins'], text: 'expected a list of plugins' }]
  return plugins.flatMap((plugin: unknown, index) => {
    const isPlugin =
      typeof plugin === 'function' ||
      (typeof plugin === 'object' && plugin !== null && typeof (plugin as Partial<Plugin>).name === 'string')
    return isPlugin ? [] : [{ path: ['plugins', index], text: 'expected a plugin: an object with a name, or a class' }]
  })
}

function withoutUndefined(settings: Settings): Settings {
  const entries = Object.entries(settings).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries.map(([name, value]) => [name, isSettings(value) ? withoutUndefined(value) : value]))
}
