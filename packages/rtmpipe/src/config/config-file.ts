import { lstatSync } from 'node:fs'
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

const extensions: readonly string[] = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs', '.json']

export interface ConfigFile {
  readonly layer: FileLayer
  readonly plugins: readonly (Plugin | PluginClass)[]
}

/** The configuration file of a folder, if it has one. @throws ConfigError when it has several */
export function findConfigFile(folder: string): string | undefined {
  // A link that leads nowhere is no reason to do without what stands in its file.
  const [file, other] = fileNames.filter(name => lstatSync(resolve(folder, name), { throwIfNoEntry: false }))
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
  const isData = extname(file) === '.json' && 'plugins' in value
  const problems = isData ? [pluginsAsData] : pluginProblems(plugins)
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
  if (!extensions.includes(extname(file)))
    throw new ConfigError([`${file}: expected a name that ends with one of ${extensions.join(', ')}`])
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
    // What exports nothing has settings that nobody would miss before it is too late.
    const isCommonJs = module.default === undefined && module.__esModule === undefined && Object.keys(module).length > 0
    return isCommonJs ? module : module.default
  } catch (error) {
    throw new ConfigError([await failure(file, error)], { cause: error })
  }
}

/** A syntax error of the file itself, or what it threw, and where. */
async function failure(file: string, thrown: unknown): Promise<string> {
  // Files may throw anything.
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  const syntax = (await placesIn(file))?.syntaxProblem
  if (syntax !== undefined) return `${file}:${syntax.line}:${syntax.column}: ${syntax.text}`
  // A file that it imports, where jiti can't read that.
  const [, reason, other, at] = /ParseError: (.*?)\s*\n\s*(\S+?):(\d+:\d+)/.exec(error.message) ?? []
  if (other !== undefined) return `${relative('.', other)}:${at}: ${reason}`
  const [text = ''] = error.message.split('\n')
  return `${await thrownAt(file, error)}: ${text}`
}

/** The file, and the line that threw. Columns are those of what TypeScript became: it is the line's beginning that is told. */
async function thrownAt(file: string, { stack = '' }: Partial<Error>): Promise<string> {
  const frames = stack.split('\n').filter(line => line.trimStart().startsWith('at '))
  const frame = frames.find(line => line.includes(`${resolve(file)}:`))
  const [, line] = /:(\d+):\d+\)?$/.exec(frame ?? '') ?? []
  if (line === undefined) return file
  const text = (await read(file)).split('\n')[Number(line) - 1] ?? ''
  return `${file}:${line}:${Math.max(text.search(/\S/), 0) + 1}`
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new ConfigError([`can't read ${file}: ${(error as Error).message}`], { cause: error })
  }
}

/** One out of data would do nothing at all. */
const pluginsAsData = { path: ['plugins'], text: 'plugins are code: only TypeScript and JavaScript can have them' }

function pluginProblems(plugins: unknown): readonly { path: (string | number)[]; text: string }[] {
  if (!Array.isArray(plugins)) return [{ path: ['plugins'], text: 'expected a list of plugins' }]
  return plugins.flatMap((plugin: unknown, index) => {
    const isPlugin =
      isClass(plugin) ||
      (typeof plugin === 'object' && plugin !== null && typeof (plugin as Partial<Plugin>).name === 'string')
    if (isPlugin) return []
    const called = typeof plugin === 'function' ? `; this is a function: call it, like ${plugin.name}({ … })` : ''
    return [{ path: ['plugins', index], text: `expected a plugin: an object with a name, or a class${called}` }]
  })
}

/** False of functions, like `record` where `record({ … })` is meant: what they return would not be a plugin. */
function isClass(value: unknown): boolean {
  return typeof value === 'function' && Object.getOwnPropertyDescriptor(value, 'prototype')?.writable === false
}

function withoutUndefined(settings: Settings): Settings {
  const entries = Object.entries(settings).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries.map(([name, value]) => [name, isSettings(value) ? withoutUndefined(value) : value]))
}
