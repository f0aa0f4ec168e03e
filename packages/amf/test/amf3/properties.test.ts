import fc from 'fast-check'
import { isDeepStrictEqual } from 'node:util'
import { expect, test } from 'vitest'
import {
  AmfError,
  type AmfObject,
  type AmfValue,
  AvmPlus,
  decodeAmf0,
  decodeAmf3,
  Dictionary,
  EcmaArray,
  encodeAmf0,
  encodeAmf3,
  ExternalizableObject,
  NumberVector,
  ObjectVector,
  propertiesOf,
  TypedObject,
  Xml,
  XmlDocument,
} from '../../src/index.ts'
import { cases, readOnlyCases } from './cases.ts'

// Names that mean something to JavaScript, and such as take another way through the code.
const names = ['', 'constructor', 'prototype', 'toString', 'length', '0', '1023', '4294967294', '4294967295', '-1', 'ü']
const text = fc.oneof(fc.constantFrom('a', 'b'), fc.string({ unit: 'binary' }), fc.string({ maxLength: 300 }))
const key = fc.oneof(fc.constantFrom(...names), text).filter(name => name !== '__proto__')
const className = text.filter(name => name !== '')
const number = fc.oneof(fc.double(), fc.integer(), fc.integer({ min: -(2 ** 28) - 2, max: 2 ** 28 + 2 }))
const numbers = fc.oneof(
  fc.int32Array({ maxLength: 4 }),
  fc.uint32Array({ maxLength: 4 }),
  fc.float64Array({ maxLength: 4 }),
)
const externalizables = ['ArrayCollection', 'ArrayList', 'ArrayProxy', 'ObjectProxy'] as const

function bareObject(value: fc.Arbitrary<AmfValue>): fc.Arbitrary<AmfObject> {
  return fc.array(fc.tuple(key, value), { maxLength: 6 }).map(members => {
    const object: Record<string, AmfValue> = Object.create(null)
    for (const [name, member] of members) object[name] = member
    return object
  })
}

/** AMF3 has no array with an empty key, and does not tell one without members from a dense one. */
function ecmaArray(properties: AmfObject, values: AmfValue[]): AmfValue {
  const keys = Object.keys(properties)
  return keys.length === 0 || keys.includes('') ? values : new EcmaArray(properties, values)
}

/** The empty key, if there is one, must be declared. */
function dynamicObject(name: string, properties: AmfObject, count: number): TypedObject {
  const sealed = Object.keys(properties).sort()
  return new TypedObject(name, properties, sealed.slice(0, sealed[0] === '' ? count + 1 : count))
}

const { value } = fc.letrec<{ value: AmfValue }>(tie => {
  const members = bareObject(tie('value'))
  const values = fc.array(tie('value'), { maxLength: 6 })
  const entries = fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 4 })
  return {
    value: fc.oneof(
      { maxDepth: 5, depthSize: 'small' },
      fc.constantFrom<AmfValue[]>(undefined, null, true, false, -0),
      number,
      text,
      // An invalid one equals nothing, not even itself; it has a case of its own.
      fc.date({ noInvalidDate: true }),
      text.map(xml => new XmlDocument(xml)),
      text.map(xml => new Xml(xml)),
      fc.uint8Array({ maxLength: 20 }),
      numbers,
      numbers.map(vector => new NumberVector(vector)),
      values,
      members,
      fc.tuple(members, values).map(([properties, dense]) => ecmaArray(properties, dense)),
      fc.tuple(className, members).map(([name, properties]) => new TypedObject(name, properties)),
      fc.tuple(className, members, fc.nat(3)).map(args => dynamicObject(...args)),
      fc.tuple(text, values, fc.boolean()).map(args => new ObjectVector(...args)),
      fc.tuple(entries, fc.boolean()).map(args => new Dictionary(...args)),
      fc
        .tuple(fc.constantFrom(...externalizables), tie('value'))
        .map(([name, content]) => new ExternalizableObject(`flex.messaging.io.${name}`, content)),
    ),
  }
})

test('what is written reads as it was', () => {
  fc.assert(
    fc.property(fc.array(value, { maxLength: 5 }), values =>
      isDeepStrictEqual(decodeAmf3(encodeAmf3(...values)), values),
    ),
    { numRuns: 500 },
  )
})

test('what is written inside AMF0 reads as it was', () => {
  fc.assert(
    fc.property(fc.array(value, { maxLength: 5 }), values => {
      const wrapped = values.map(inner => new AvmPlus(inner))
      return isDeepStrictEqual(decodeAmf0(encodeAmf0(...wrapped, wrapped)), [...values, values])
    }),
    { numRuns: 300 },
  )
})

/** Reads, and writes what could be read; only an AmfError may come of either. Tells whether it could be read. */
function survives(bytes: Uint8Array): boolean {
  let values: AmfValue[]
  try {
    values = decodeAmf3(bytes)
  } catch (error) {
    if (error instanceof AmfError) return false
    throw error
  }
  try {
    const again = decodeAmf3(encodeAmf3(...values))
    if (again.length !== values.length) throw new Error('values were lost')
  } catch (error) {
    if (!(error instanceof AmfError)) throw error
  }
  return true
}

/** The same for AMF0, where 0x11 switches. */
function survivesInAmf0(bytes: Uint8Array): void {
  try {
    const values = decodeAmf0(bytes)
    encodeAmf0(...values.map(inner => new AvmPlus(inner)))
    encodeAmf0(...values)
  } catch (error) {
    if (!(error instanceof AmfError)) throw error
  }
}

test('any bytes are read or an AmfError', () => {
  const byte = fc.oneof(fc.integer({ min: 0, max: 0x12 }), fc.constant(1), fc.integer({ min: 0, max: 0xff }))
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 400 }), bytes => {
      survives(Uint8Array.from(bytes))
      survivesInAmf0(Uint8Array.from([0x11, ...bytes]))
      survivesInAmf0(Uint8Array.from([0x0a, 0, 0, 0, 3, 0x11, ...bytes]))
    }),
    { numRuns: 3000 },
  )
})

// Tokens of the format in any order come further in than bytes do.
test('any pieces of values are read or an AmfError', () => {
  const pieces = [
    '0a0b01',
    '0a1b0343',
    '0a030343',
    '0a01',
    '0a05',
    '0a00',
    '0a02',
    '0a0743666c65782e6d6573736167696e672e696f2e4172726179436f6c6c656374696f6e',
    '090501',
    '0903',
    '0900',
    '110300',
    '1100',
    '10030001',
    '0d030100000001',
    '0c0301',
    '080100000000000000ff',
    '0800',
    '0361',
    '093130' + '3233',
    '00',
    '01',
    '0600',
    '0602',
    '04ff7f',
  ]
  let read = 0
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 60 }), tokens => {
      const bytes = Buffer.from(tokens.join(''), 'hex')
      if (survives(bytes)) read++
      survivesInAmf0(Buffer.from(tokens.map(token => `11${token}`).join(''), 'hex'))
    }),
    { numRuns: 3000 },
  )
  expect(read).toBeGreaterThan(0)
})

test('known values, damaged, are read or an AmfError', () => {
  const short = [...cases, ...readOnlyCases].filter(({ bytes }) => bytes.length < 200)
  const damage = fc.array(fc.tuple(fc.nat(1000), fc.integer({ min: 0, max: 0xff })), { minLength: 1, maxLength: 8 })
  const several = fc.array(fc.constantFrom(...short), { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(several, damage, fc.nat(1000), (parts, changes, cut) => {
      const damaged = Buffer.concat(parts.map(({ bytes }) => bytes))
      for (const [position, byte] of changes) damaged[position % damaged.length] = byte
      survives(damaged)
      survives(damaged.subarray(0, cut % damaged.length))
    }),
    { numRuns: 2000 },
  )
})

const kinds = ['object', 'typed', 'dynamic', 'array', 'ecma', 'vector', 'dictionary', 'externalizable'] as const
type Kind = (typeof kinds)[number]
type Node = readonly [Kind, readonly number[]]

/** Nodes of the kinds given, node n pointing to nodes `edges[n]`; the first of them. */
function graph(nodes: readonly Node[]): AmfValue {
  const members = nodes.map(() => ({}) as Record<string, AmfValue>)
  const lists = nodes.map((): AmfValue[] => [])
  const entries = nodes.map((): [AmfValue, AmfValue][] => [])
  const values = nodes.map(([kind], index): AmfValue => {
    const [own, list, pairs] = [members[index] ?? {}, lists[index] ?? [], entries[index] ?? []]
    if (kind === 'typed') return new TypedObject('C', own)
    if (kind === 'dynamic') return new TypedObject('C', own, ['k0'])
    if (kind === 'array') return list
    if (kind === 'ecma') return new EcmaArray(own, list)
    if (kind === 'vector') return new ObjectVector('C', list)
    if (kind === 'dictionary') return new Dictionary(pairs)
    if (kind === 'externalizable') return new ExternalizableObject('flex.messaging.io.ArrayCollection', list)
    return own
  })
  for (const [index, [, edges]] of nodes.entries()) {
    // Present in each, so that no array becomes a dense one and every declared member is there.
    Object.assign(members[index] ?? {}, { k0: null })
    for (const [slot, edge] of edges.entries()) {
      const target = values[edge % nodes.length]
      Object.assign(members[index] ?? {}, { [`k${slot}`]: target })
      lists[index]?.push(target)
      entries[index]?.push([target, `v${slot}`], [`k${slot}`, target])
    }
  }
  return values[0]
}

/** The graph as text: every object once, by number where it comes again. */
function spell(node: AmfValue, seen: Map<object, number> = new Map()): string {
  if (typeof node !== 'object' || node === null) return String(node)
  const known = seen.get(node)
  if (known !== undefined) return `#${known}`
  seen.set(node, seen.size)
  const inner = (values: readonly AmfValue[]): string => values.map(child => spell(child, seen)).join()
  const named = Object.entries(propertiesOf(node) ?? {})
  const members = named.map(([name, member]) => `${name}:${spell(member, seen)}`).join()
  if (Array.isArray(node)) return `[${inner(node)}]`
  if (node instanceof EcmaArray) return `E{${members}}[${inner(node.values)}]`
  if (node instanceof TypedObject) return `T${node.sealed?.join() ?? ''}{${members}}`
  if (node instanceof ObjectVector) return `V[${inner(node.values)}]`
  if (node instanceof Dictionary) return `D[${inner(node.entries.flat())}]`
  if (node instanceof ExternalizableObject) return `X(${spell(node.content, seen)})`
  return `{${members}}`
}

test('graphs with cycles read as they were, and what was one is one', () => {
  const node: fc.Arbitrary<Node> = fc.tuple(fc.constantFrom<Kind[]>(...kinds), fc.array(fc.nat(4), { maxLength: 3 }))
  fc.assert(
    fc.property(fc.array(node, { minLength: 1, maxLength: 5 }), nodes => {
      const root = graph(nodes)
      expect(spell(decodeAmf3(encodeAmf3(root))[0])).toBe(spell(root))
      // Also as the second value in AMF3 of an AMF0 message.
      expect(spell(decodeAmf0(encodeAmf0(new AvmPlus([]), new AvmPlus(root)))[1])).toBe(spell(root))
    }),
    { numRuns: 500 },
  )
})
