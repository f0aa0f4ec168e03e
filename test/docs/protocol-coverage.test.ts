import { createRequire } from 'node:module'
import { readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
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

interface Proof {
  readonly file: string
  readonly test: string
}

interface Row {
  readonly name: string
  /** One per column; a reason where there is nothing to prove. */
  readonly cells: readonly (string | readonly Proof[])[]
}

/** The rows below each `##` heading. */
function tables(): Map<string, Row[]> {
  const { text } = new MarkdownFile(page)
  const sections = text.split(/^## /m).slice(1)
  return new Map(
    sections.map(section => {
      const [heading = ''] = section.split('\n', 1)
      const lines = section.split('\n').filter(line => line.startsWith('| `'))
      return [heading, lines.map(rowOf)]
    }),
  )
}

function rowOf(line: string): Row {
  const [first = '', ...cells] = line
    .slice(1, line.lastIndexOf('|'))
    .split(/(?<!\\)\|/)
    .map(cell => cell.trim())
  return { name: first.slice(1, first.indexOf('`', 1)), cells: cells.map(cellOf) }
}

const link = /\[[^\]]+\]\(([^)\s]+) "((?:\\.|[^"\\])*)"\)/g

/** `[text](file "test")`, several of them, or `– reason`; empty if it is neither. */
function cellOf(cell: string): string | Proof[] {
  if (cell.startsWith('– ')) return cell.slice(2)
  if (cell.replaceAll(link, '').replaceAll(', ', '') !== '') return []
  return [...cell.matchAll(link)].map(({ 1: path = '', 2: test = '' }) => ({
    file: relative(root, resolve(root, dirname(page), path)),
    test: test.replaceAll(/\\(.)/g, '$1'),
  }))
}

/** The full names of all tests in these files, groups and tests joined by ` > `. */
async function testsOf(files: readonly string[]): Promise<Map<string, string[]>> {
  const output = join(tmpdir(), `rtmpipe-tests-${process.pid}.json`)
  const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')
  // Nothing is run, so the files may share modules: a quarter of the time.
  const args = [vitest, 'list', `--json=${output}`, '--no-isolate', '--root', root, ...files]
  await run(process.execPath, args, { name: 'vitest list', limit: 240_000, env: { VITEST: '', NODE_OPTIONS: '' } })
  const listed = JSON.parse(await readFile(output, 'utf8')) as { name: string; file: string }[]
  await rm(output)
  return grouped(listed)
}

function grouped(listed: readonly { name: string; file: string }[]): Map<string, string[]> {
  const byFile = new Map<string, string[]>()
  for (const { name, file } of listed) {
    const path = relative(root, file)
    byFile.set(path, [...(byFile.get(path) ?? []), name])
  }
  return byFile
}

const found = tables()
const proofs = [...found.values()].flat().flatMap(({ cells }) => cells.filter(cell => typeof cell !== 'string').flat())

describe(page, () => {
  let tests = new Map<string, string[]>()
  beforeAll(async () => {
    tests = await testsOf([...new Set(proofs.map(({ file }) => file))])
  }, 300_000)

  it('has the tables that there is something to put into', () => {
    expect([...found.keys()]).toEqual(Object.keys(wanted))
  })

  it.each(Object.entries(wanted))('has a row for each of: %s', (heading, names) => {
    expect(found.get(heading)?.map(({ name }) => name)).toEqual(names)
  })

  it('says in every cell which tests prove it, or why there is nothing to prove', () => {
    const empty = [...found].flatMap(([heading, rows]) =>
      rows
        .filter(({ cells }) => cells.length < 2 || cells.some(cell => cell.length === 0))
        .map(({ name }) => `${heading}: ${name}`),
    )
    expect(empty).toEqual([])
  })

  it('names tests, or groups of tests, that exist', () => {
    const missing = proofs.filter(
      ({ file, test }) => !tests.get(file)?.some(name => name === test || name.startsWith(`${test} > `)),
    )
    expect(missing).toEqual([])
  })
})
