import { lstatSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { extname, join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ConfigError } from './config-error.ts'
import { FileLayer } from './file-layer.ts'
import type { ConfigForm } from './form.ts'
import type { JsonFile } from './json-file.ts'
import { isSettings, type Settings } from './path.ts'
import type { Problem } from './problem.ts'

export const fileNames: readonly string[] = [
  'rtmpipe.config.ts',
  'rtmpipe.config.js',
  'rtmpipe.config.mjs',
  'rtmpipe.config.json',
]

const extensions: readonly string[] = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs', '.json']

export interface ConfigFile {
  readonly layer: FileLayer
  /** What only code can give, by name. */
  readonly code: Settings
}

/** The configuration file of a folder, if it has one. @throws ConfigError when it has several */
export function findConfigFile(folder: string): string | undefined {
  // A link that leads nowhere is no reason to do without what stands in its file.
  const [file, other] = fileNames.filter(name => lstatSync(resolve(folder, name), { throwIfNoEntry: false }))
  if (other !== undefined) throw new ConfigError([`${file} and ${other} are both here: name one with --config`])
  return file && join(folder, file)
}

/** Reads a file anew, with all that it imports from files. @throws ConfigError for what can't be read or run */
export async function readConfigFile(file: string, { code, modules }: Omit<ConfigForm, 'schema'>): Promise<ConfigFile> {
  const json = extname(file) === '.json' ? await readJson(file) : undefined
  const value = json === undefined ? await run(file, modules) : json.value
  if (!isSettings(value)) {
    const example = json === undefined ? 'export default defineConfig({ … })' : '{ … }'
    throw new ConfigError([`${file}: expected an object with settings, like ${example}`])
  }
  const { $schema: _schema, ...given } = value
  const entries = Object.entries(given).filter(([, setting]) => setting !== undefined)
  const isCode = ([name]: [string, unknown]) => Object.hasOwn(code, name)
  const layer = new FileLayer(
    file,
    withoutUndefined(Object.fromEntries(entries.filter(entry => !isCode(entry)))),
    json && (path => json.of(path)),
  )
  const fromCode = entries.filter(isCode)
  const problems = fromCode.flatMap(([name, setting]): readonly Problem[] =>
    json === undefined ? (code[name]?.problems(setting) ?? []) : [{ path: [name], text: onlyCode }],
  )
  if (problems.length > 0) throw new ConfigError(problems.map(problem => layer.tell(problem)))
  return { layer, code: Object.fromEntries(fromCode.filter(([, setting]) => !isEmpty(setting))) }
}

/** One out of data would do nothing at all. */
const onlyCode = 'this is code, which only TypeScript and JavaScript can have'

async function readJson(file: string): Promise<JsonFile> {
  const [text, { JsonFile: Json }] = await Promise.all([read(file), import('./json-file.ts')])
  const json = new Json(text)
  const problem = json.syntaxProblem
  if (problem !== undefined) throw new ConfigError([`${file}:${problem.line}:${problem.column}: ${problem.text}`])
  return json
}

async function run(file: string, modules: ConfigForm['modules']): Promise<unknown> {
  const source = await read(file)
  if (!extensions.includes(extname(file)))
    throw new ConfigError([`${file}: expected a name that ends with one of ${extensions.join(', ')}`])
  const { createJiti } = await import('jiti')
  const path = resolve(file)
  const jiti = createJiti(pathToFileURL(path).href, {
    fsCache: false,
    moduleCache: false,
    interopDefault: false,
    // What a command installed elsewhere brings along; its own modules are there already.
    alias: { ...modules },
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

/** A syntax error, or what the file threw, and where. */
async function failure(file: string, thrown: unknown): Promise<string> {
  // Files may throw anything.
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  // Of the file itself, or of one that it imports.
  const [, reason, where = '', line, column] = /ParseError: (.*?)\s*\n\s*(\S+?):(\d+):(\d+)/.exec(error.message) ?? []
  // Its columns count from 0.
  const place = `${where === resolve(file) ? file : relative('.', where)}:${line}:${Number(column) + 1}`
  if (reason !== undefined) return `${place}: ${reason}`
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

/** Says as much as what is not there. */
function isEmpty(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0
}

function withoutUndefined(settings: Settings): Settings {
  const entries = Object.entries(settings).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries.map(([name, value]) => [name, isSettings(value) ? withoutUndefined(value) : value]))
}
