import { createRequire } from 'node:module'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MessageType, UserControlEventType } from '@rtmpipe/chunk-stream'
import { AudioFourCc, AudioPacketType, ModExType, MultitrackType, VideoFourCc, VideoPacketType } from '@rtmpipe/flv'
import { SharedObjectEventType } from '@rtmpipe/session'
import { beforeAll, describe, expect, it } from 'vitest'
import { Amf0Marker } from '../../packages/amf/src/amf0/marker.ts'
import { Amf3Marker } from '../../packages/amf/src/amf3/marker.ts'
import { commandNames } from '../../packages/session/src/server/commands/index.ts'
import { statusLevels } from '../../packages/session/src/protocol/status.ts'
import { run } from '../support/running-program.ts'
import { TemporaryFolder } from '../support/temporary-folder.ts'
import { MarkdownFile } from './markdown.ts'

const page = 'docs/protocol-coverage.md'
const root = fileURLToPath(new URL('../..', import.meta.url))

/** What each table must have a row for, no more and no less. */
const wanted: Readonly<Record<string, readonly string[]>> = {
  Handshakes: ['simple', 'digest', 'RTMPE 6', 'RTMPE 8', 'RTMPTE', 'SWF verification'],
  'Message types': Object.keys(MessageType),
  'User control events': Object.keys(UserControlEventType),
  Commands: [...commandNames, 'call'],
  'Status codes': Object.keys(statusLevels),
  'Shared object events': Object.keys(SharedObjectEventType),
  'AMF0 markers': Object.keys(Amf0Marker),
  'AMF3 markers': Object.keys(Amf3Marker),
  'Video packet types': Object.keys(VideoPacketType),
  'Audio packet types': Object.keys(AudioPacketType),
  'Multitrack types': Object.keys(MultitrackType),
  'ModEx types': Object.keys(ModExType),
  'Video codecs': Object.keys(VideoFourCc),
  'Audio codecs': Object.keys(AudioFourCc),
}

/** Of a row: for each column of proofs the tests that prove it, or why there is nothing to prove. */
type Proofs = Readonly<Record<string, readonly string[] | string>>

const proofs = JSON.parse(readFileSync(new URL('protocol-coverage.json', import.meta.url), 'utf8')) as Readonly<
  Record<string, Readonly<Record<string, Proofs>>>
>

/** What the page says, by the names of rows, below each `##` heading. */
function tables(): Map<string, Map<string, string>> {
  const sections = new MarkdownFile(page).text.split(/^## /m).slice(1)
  return new Map(
    sections.map(section => {
      const [heading = ''] = section.split('\n', 1)
      const rows = [...section.matchAll(/^\| `([^`]+)`[^|]*\| (.*) \|$/gm)]
      return [heading, new Map(rows.map(([, name = '', text = '']) => [name, text]))]
    }),
  )
}

/** `file: test`, where a file is the end of its path without `.test.ts`, as much as tells it from all others. */
function parsed(proof: string): { readonly file: string; readonly test: string } {
  const [file = '', ...test] = proof.split(': ')
  return { file, test: test.join(': ') }
}

/** Paths of all test files, from the repository. */
function testFiles(): readonly string[] {
  const packages = readdirSync(join(root, 'packages')).map(name => `packages/${name}/test`)
  return [...packages, 'examples/test', 'test'].flatMap(folder => {
    if (!existsSync(join(root, folder))) return []
    const files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    return files.filter(file => file.endsWith('.test.ts')).map(file => `${folder}/${file.replaceAll('\\', '/')}`)
  })
}

/** The full names of all tests in these files, groups and tests joined by ` > `. */
async function testsOf(files: readonly string[]): Promise<Map<string, string[]>> {
  await using folder = await TemporaryFolder.create()
  const output = folder.file('tests.json')
  const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')
  // Nothing is run, so the files may share modules: a quarter of the time.
  const args = [vitest, 'list', `--json=${output}`, '--no-isolate', '--root', root, ...files]
  await run(process.execPath, args, { name: 'vitest list', limit: 240_000, env: { VITEST: '', NODE_OPTIONS: '' } })
  const listed = JSON.parse(await readFile(output, 'utf8')) as { name: string; file: string }[]
  const byFile = new Map<string, string[]>()
  for (const { name, file } of listed) {
    const path = relative(root, file)
    byFile.set(path, [...(byFile.get(path) ?? []), name])
  }
  return byFile
}

const found = tables()
const rows = Object.entries(proofs).flatMap(([heading, table]) =>
  Object.entries(table).map(([name, columns]) => ({ row: `${heading}: ${name}`, columns: Object.values(columns) })),
)
const named = [...new Set(rows.flatMap(({ columns }) => columns.filter(column => typeof column !== 'string').flat()))]
const all = testFiles()
const pathsOf = new Map(
  named.map(proof => [proof, all.filter(path => `/${path}`.endsWith(`/${parsed(proof).file}.test.ts`))]),
)

describe(page, () => {
  let tests = new Map<string, string[]>()
  beforeAll(async () => {
    tests = await testsOf([...new Set([...pathsOf.values()].flat())])
  }, 300_000)

  it('has the tables that there is something to put into, and so have the proofs', () => {
    expect([...found.keys()]).toEqual(Object.keys(wanted))
    expect(Object.keys(proofs)).toEqual(Object.keys(wanted))
  })

  it.each(Object.entries(wanted))('has a row, and proofs, for each of: %s', (heading, names) => {
    expect([...(found.get(heading)?.keys() ?? [])]).toEqual(names)
    expect(Object.keys(proofs[heading] ?? {})).toEqual(names)
  })

  it('says something in every row', () => {
    const empty = [...found].flatMap(([heading, table]) =>
      [...table].filter(([, text]) => text === '').map(([name]) => `${heading}: ${name}`),
    )
    expect(empty).toEqual([])
  })

  it('has in every row the tests that prove it, in two columns, or why there is nothing to prove', () => {
    const empty = rows.filter(({ columns }) => columns.length !== 2 || columns.some(({ length }) => length === 0))
    expect(empty.map(({ row }) => row)).toEqual([])
  })

  it('is proved by files of which there is one of this name', () => {
    expect([...pathsOf].filter(([, { length }]) => length !== 1)).toEqual([])
  })

  it('is proved by tests, or groups of tests, that exist', () => {
    const missing = named.filter(proof => {
      const { test } = parsed(proof)
      const names = (pathsOf.get(proof) ?? []).flatMap(path => tests.get(path) ?? [])
      return !names.some(name => name === test || name.startsWith(`${test} > `))
    })
    expect(missing).toEqual([])
  })
})
