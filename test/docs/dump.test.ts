import { describe, expect, it } from 'vitest'
import { readFileSync } from 'node:fs'
import { parseKeyLog, type RtmfpSessionKeys } from '@rtmpipe/transport-rtmfp/wire'
import { complaints } from '../../packages/dump/src/complaint-code.ts'
import type { DumpRecord } from '../../packages/dump/src/record.ts'
import { ipv4, pcapFile, udp } from '../../packages/dump/test/support/capture-file.ts'
import { chunk, handshake, ofKind, recordsOf } from '../../packages/dump/test/support/dump.ts'
import { sealedPackets, userData } from '../../packages/dump/test/support/rtmfp.ts'
import { recordings, rtmpBytes } from '../support/recordings.ts'
import { rtmfpCapture, rtmfpKeys } from '../support/rtmfp-recordings.ts'
import { MarkdownFile } from './markdown.ts'

/** Rows of the table that begins with these cells, each cell as the words in backticks. */
function table(...head: readonly string[]): string[][][] {
  const { text } = new MarkdownFile('docs/dump.md')
  const [, rows = ''] = text.split(`| ${head.join(' | ')} |\n| ${head.map(() => '---').join(' | ')} |\n`)
  return (rows.split('\n\n')[0] ?? '')
    .trimEnd()
    .split('\n')
    .map(row =>
      row
        .split('|')
        .slice(1, -1)
        .map(cell => [...cell.matchAll(/`([^`]+)`/g)].map(({ 1: word = '' }) => word)),
    )
}

const options = { chunks: true, hex: 4 }
const bytes = recordings().map(rtmpBytes)
const [first = Buffer.alloc(0)] = bytes
const keys = parseKeyLog(readFileSync(rtmfpKeys('rtmfp-cpp-bad-line'), 'utf8'))
const { client } = sealedPackets(keys[0] as RtmfpSessionKeys)
const part = { flowId: 2, forward: 0, options: '050054430400', data: Buffer.of(18, 0, 0, 0, 0) }
/** Records of every kind. */
const records: readonly DumpRecord[] = [
  ...bytes.flatMap(it => recordsOf(it, options)),
  ...recordsOf(
    pcapFile([ipv4({ from: 'client', at: 0, flags: 'S' }), ipv4({ from: 'client', at: 1, payload: first })]),
    options,
  ),
  ...recordsOf(readFileSync(rtmfpCapture('rtmfp-cpp-bad-line')), { ...options, rtmfpKeys: keys }),
  // The first part is missing, and the address changes.
  ...recordsOf(
    pcapFile([
      udp('10.0.0.1:5000', '10.0.0.2:1935', client(userData({ ...part, sequence: 2 }))),
      udp('10.0.0.1:5001', '10.0.0.2:1935', client(userData({ ...part, sequence: 3 }))),
    ]),
    { rtmfpKeys: keys },
  ),
  ...recordsOf([
    handshake,
    chunk(4, 8, 1, '2f00'),
    chunk(6, 9, 1, '50 01'),
    chunk(4, 8, 1, ''),
    chunk(4, 8, 1, '95 01 4f707573 01 01'),
  ]),
  ...recordsOf(
    pcapFile([
      ipv4({ from: 'client', at: 0, flags: 'S' }),
      ipv4({ from: 'client', at: 1, payload: Buffer.from('GET') }),
    ]),
  ),
]

describe('docs/dump.md', () => {
  it('lists the complaints', () => {
    const { text } = new MarkdownFile('docs/dump.md')
    const rows = [...text.matchAll(/^\| `([a-z-]+)` \| (.*?) \|$/gm)].map(({ 1: code, 2: meaning }) => [code, meaning])
    expect(rows.filter(([code = '']) => code in complaints)).toEqual(Object.entries(complaints))
  })

  it('lists the fields of every kind of record', () => {
    const documented = Object.fromEntries(
      table('kind', 'fields').map(([[kind = ''] = [], fields = []]) => [kind, [...fields].sort()]),
    )
    const kinds = [...new Set(records.map(({ kind }) => kind))]
    const seen = Object.fromEntries(
      kinds.map(kind => [
        kind,
        [...new Set(ofKind(records, kind).flatMap(record => Object.keys(record)))].filter(it => it !== 'kind').sort(),
      ]),
    )
    expect(seen).toEqual(documented)
  })

  it('lists what bodies hold', () => {
    const documented = new Map(
      table('type', 'body').flatMap(([types = [], fields = []]) => types.map(type => [type, fields])),
    )
    for (const { type, body } of ofKind(records, 'message')) {
      const fields = documented.get(type)
      expect(fields, type).toBeDefined()
      expect(
        Object.keys(body).filter(field => fields?.includes(field) !== true),
        type,
      ).toEqual([])
    }
  })

  it('lists what bodies of RTMFP hold', () => {
    const documented = new Map(
      table('chunk', 'body').flatMap(([types = [], fields = []]) => types.map(type => [type, fields])),
    )
    const names = [...new Set(ofKind(records, 'rtmfp-chunk').map(({ type }) => type))]
    expect(names.length).toBeGreaterThan(6)
    for (const { type, body } of ofKind(records, 'rtmfp-chunk')) {
      const fields = documented.get(type)
      expect(fields, type).toBeDefined()
      expect(
        Object.keys(body).filter(field => fields?.includes(field) !== true),
        type,
      ).toEqual([])
    }
  })
})
