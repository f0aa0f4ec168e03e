import fc from 'fast-check'
import { isDeepStrictEqual } from 'node:util'
import { expect, test } from 'vitest'
import {
  AmfError,
  type AmfObject,
  type AmfValue,
  decodeAmf0,
  EcmaArray,
  encodeAmf0,
  propertiesOf,
  TypedObject,
  Unsupported,
  XmlDocument,
} from '../../src/index.ts'
import { recordings } from './recordings.ts'

// Names that mean something to JavaScript, and such as take another way through the code.
const names = [
  '',
  'constructor',
  'prototype',
  'toString',
  'length',
  '0',
  '1023',
  '4294967294',
  '4294967295',
  '-1',
  '5.1',
  'ü',
]
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ maxLength: 80 }),
  fc.string({ minLength: 60, maxLength: 300 }),
)
const key = fc.oneof(fc.constantFrom(...names), text).filter(name => name !== '__proto__')

function bareObject(value: fc.Arbitrary<AmfValue>): fc.Arbitrary<AmfObject> {
  return fc.array(fc.tuple(key, value), { maxLength: 6 }).map(members => {
    const object: Record<string, AmfValue> = Object.create(null)
    for (const [name, member] of members) object[name] = member
    return object
  })
}

const { value } = fc.letrec<{ value: AmfValue }>(tie => {
  const members = bareObject(tie('value'))
  return {
    value: fc.oneof(
      { maxDepth: 5, depthSize: 'small' },
      fc.constantFrom<AmfValue[]>(undefined, null, true, false, new Unsupported(), -0),
      fc.double(),
      fc.integer(),
      text,
      // An invalid one equals nothing, not even itself.
      fc.date({ noInvalidDate: true }),
      text.map(xml => new XmlDocument(xml)),
      fc.array(tie('value'), { maxLength: 6 }),
      members,
      members.map(properties => new EcmaArray(properties)),
      fc.tuple(text, members).map(([className, properties]) => new TypedObject(className, properties)),
    ),
  }
})

test('what is written reads as it was', () => {
  fc.assert(
    fc.property(fc.array(value, { maxLength: 5 }), values =>
      isDeepStrictEqual(decodeAmf0(encodeAmf0(...values)), values),
    ),
    { numRuns: 500 },
  )
})

/** Reads, and writes what could be read; only an AmfError may come of either. Tells whether it could be read. */
function survives(bytes: Uint8Array): boolean {
  let values: AmfValue[]
  try {
    values = decodeAmf0(bytes)
  } catch (error) {
    if (error instanceof AmfError) return false
    throw error
  }
  try {
    const again = decodeAmf0(encodeAmf0(...values))
    if (again.length !== values.length) throw new Error('values were lost')
  } catch (error) {
    if (!(error instanceof AmfError)) throw error
  }
  return true
}

test('any bytes are read or an AmfError', () => {
  const byte = fc.oneof(fc.integer({ min: 0, max: 0x11 }), fc.constant(0), fc.integer({ min: 0, max: 0xff }))
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 400 }), bytes => void survives(Uint8Array.from(bytes))),
    { numRuns: 3000 },
  )
})

// Tokens of the format in any order come further in than bytes do.
test('any pieces of values are read or an AmfError', () => {
  const pieces = [
    '03',
    '0800000000',
    '0a00000002',
    '10000143',
    '000161',
    '00013031',
    '000009',
    '070000',
    '070001',
    '05',
    '0100',
  ]
  let read = 0
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 60 }), tokens => {
      if (survives(Buffer.from(tokens.join(''), 'hex'))) read++
    }),
    { numRuns: 3000 },
  )
  expect(read).toBeGreaterThan(0)
})

test('recorded messages, damaged, are read or an AmfError', () => {
  const damage = fc.array(fc.tuple(fc.nat(1000), fc.integer({ min: 0, max: 0xff })), { minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(fc.constantFrom(...recordings), damage, fc.nat(1000), ({ bytes }, changes, cut) => {
      const damaged = Buffer.from(bytes)
      for (const [position, byte] of changes) damaged[position % damaged.length] = byte
      survives(damaged)
      survives(damaged.subarray(0, cut % damaged.length))
    }),
    { numRuns: 2000 },
  )
})

type Kind = 'object' | 'EcmaArray' | 'TypedObject' | 'array'

/** Nodes of the kinds given, node n pointing to nodes `edges[n]`; the first of them. */
function graph(nodes: readonly (readonly [Kind, readonly number[]])[]): AmfValue {
  const members: (Record<string, AmfValue> | AmfValue[])[] = nodes.map(([kind]) => (kind === 'array' ? [] : {}))
  const values = nodes.map(([kind], index): AmfValue => {
    const own = members[index]
    if (own === undefined || Array.isArray(own)) return own
    return kind === 'EcmaArray' ? new EcmaArray(own) : kind === 'TypedObject' ? new TypedObject('C', own) : own
  })
  for (const [index, [, edges]] of nodes.entries()) {
    for (const [slot, edge] of edges.entries()) {
      const own = members[index]
      const target = values[edge % nodes.length]
      if (Array.isArray(own)) own.push(target)
      else if (own !== undefined) own[`k${slot}`] = target
    }
  }
  return values[0]
}

/** What is seen walking `depth` levels down, cycle or not. */
function unfold(node: AmfValue, depth: number): string {
  if (depth === 0) return '…'
  if (Array.isArray(node)) return `[${node.map(member => unfold(member, depth - 1)).join()}]`
  const kind = node instanceof EcmaArray ? 'E' : node instanceof TypedObject ? 'T' : 'O'
  const members = Object.entries(propertiesOf(node) ?? {}).map(
    ([name, member]) => `${name}:${unfold(member, depth - 1)}`,
  )
  return `${kind}{${members.join()}}`
}

test('graphs with cycles read as they were, as far as one walks', () => {
  const node = fc.tuple(
    fc.constantFrom<Kind[]>('object', 'EcmaArray', 'TypedObject', 'array'),
    fc.array(fc.nat(3), { maxLength: 2 }),
  )
  fc.assert(
    fc.property(fc.array(node, { minLength: 1, maxLength: 4 }), nodes => {
      const root = graph(nodes)
      const [decoded] = decodeAmf0(encodeAmf0(root))
      return unfold(decoded, 7) === unfold(root, 7)
    }),
    { numRuns: 500 },
  )
})
