import {
  Dictionary,
  EcmaArray,
  ExternalizableObject,
  NumberVector,
  ObjectVector,
  TypedObject,
  Xml,
  XmlDocument,
} from '../../src/index.ts'
import type { Case } from '../amf0/cases.ts'
import { bare, hex } from '../support.ts'

/** "flex.messaging.io." */
const flex = '666c65782e6d6573736167696e672e696f2e'
const arrayCollection = `43 ${flex} 4172726179436f6c6c656374696f6e`

/** Both directions, derived by hand from the AMF3 specification. */
export const cases: readonly Case[] = [
  { name: 'undefined', bytes: hex('00'), value: undefined },
  { name: 'null', bytes: hex('01'), value: null },
  { name: 'false', bytes: hex('02'), value: false },
  { name: 'true', bytes: hex('03'), value: true },

  { name: 'integer 0', bytes: hex('04 00'), value: 0 },
  { name: 'integer, the last of one byte', bytes: hex('04 7f'), value: 127 },
  { name: 'integer, the first of two bytes', bytes: hex('04 8100'), value: 128 },
  { name: 'integer, the last of two bytes', bytes: hex('04 ff7f'), value: 16_383 },
  { name: 'integer, the first of three bytes', bytes: hex('04 818000'), value: 16_384 },
  { name: 'integer, the last of three bytes', bytes: hex('04 ffff7f'), value: 2_097_151 },
  { name: 'integer, the first of four bytes', bytes: hex('04 80c08000'), value: 2_097_152 },
  { name: 'integer, every byte another', bytes: hex('04 84c6cd78'), value: 0x0123_4d78 },
  { name: 'integer, the greatest', bytes: hex('04 bfffffff'), value: 268_435_455 },
  { name: 'integer -1', bytes: hex('04 ffffffff'), value: -1 },
  { name: 'integer, the least', bytes: hex('04 c0808000'), value: -268_435_456 },

  { name: 'double, the first past integers', bytes: hex('05 41b0000000000000'), value: 268_435_456 },
  { name: 'double, the first before integers', bytes: hex('05 c1b0000001000000'), value: -268_435_457 },
  { name: 'double -0', bytes: hex('05 8000000000000000'), value: -0 },
  { name: 'double 0.5', bytes: hex('05 3fe0000000000000'), value: 0.5 },
  { name: 'double NaN', bytes: hex('05 7ff8000000000000'), value: Number.NaN },
  { name: 'double -Infinity', bytes: hex('05 fff0000000000000'), value: -Infinity },
  { name: 'double 2^32, whose low bits are 0', bytes: hex('05 41f0000000000000'), value: 4_294_967_296 },

  { name: 'string, empty', bytes: hex('06 01'), value: '' },
  { name: 'string', bytes: hex('06 09 6c697665'), value: 'live' },
  { name: 'string of 2, 3 and 4 byte sequences', bytes: hex('06 13 c3bc e282ac f09f8ea5'), value: 'ü€🎥' },
  { name: 'string with a NUL and a byte order mark', bytes: hex('06 0b 00 efbbbf 41'), value: '\0\ufeffA' },
  { name: 'string of 64 bytes', bytes: hex(`06 8101 ${'61'.repeat(64)}`), value: 'a'.repeat(64) },
  { name: 'string of 65,536 bytes', bytes: hex(`06 888001 ${'61'.repeat(65_536)}`), value: 'a'.repeat(65_536) },
  { name: 'string references', bytes: hex('09 09 01 06 05 6162 06 01 06 03 63 06 00'), value: ['ab', '', 'c', 'ab'] },

  { name: 'XML document, empty', bytes: hex('07 01'), value: new XmlDocument('') },
  { name: 'XML document', bytes: hex('07 09 3c612f3e'), value: new XmlDocument('<a/>') },

  { name: 'date', bytes: hex('08 01 426d1a94a2000000'), value: new Date('2001-09-09T01:46:40Z') },
  { name: 'date before 1970', bytes: hex('08 01 c08f400000000000'), value: new Date(-1000) },
  { name: 'date, invalid', bytes: hex('08 01 7ff8000000000000'), value: new Date(Number.NaN) },

  { name: 'array, empty', bytes: hex('09 01 01'), value: [] },
  {
    name: 'array, dense',
    bytes: hex('09 09 01 06 09 68766331 00 09 01 01 0a 0b 01 01'),
    value: ['hvc1', undefined, [], bare({})],
  },
  {
    name: 'array, associative',
    bytes: hex('09 01 03 30 02 0b 7769647468 04 8a00 01'),
    value: new EcmaArray(bare({ 0: false, width: 1280 })),
  },
  {
    name: 'array, associative and dense',
    bytes: hex('09 05 03 61 04 01 01 03 06 00'),
    value: new EcmaArray(bare({ a: 1 }), [true, 'a']),
  },

  { name: 'object, anonymous and empty', bytes: hex('0a 0b 01 01'), value: bare({}) },
  {
    name: 'object, anonymous',
    bytes: hex('0a 0b 01 03 61 04 01 03 62 01 01'),
    value: bare({ a: 1, b: null }),
  },
  {
    name: 'object with an undefined member',
    bytes: hex('0a 0b 01 03 61 00 01'),
    value: bare({ a: undefined }),
  },
  {
    name: 'object with an empty key, which must be sealed',
    bytes: hex('0a 1b 01 01 03 03 61 01 01'),
    value: bare({ '': true, a: null }),
  },
  {
    name: 'objects inside one another, with a traits reference',
    bytes: hex('0a 0b 01 03 61 0a 01 03 62 0a 01 01 01 01'),
    value: bare({ a: bare({ b: bare({}) }) }),
  },
  {
    name: 'object, typed and sealed',
    bytes: hex('0a 13 0b 612e622e43 03 78 03'),
    value: new TypedObject('a.b.C', bare({ x: true })),
  },
  { name: 'object, typed and without members', bytes: hex('0a 03 03 43'), value: new TypedObject('C', bare({})) },
  {
    name: 'object, typed, sealed and dynamic',
    bytes: hex('0a 1b 03 43 03 78 04 01 03 79 04 02 01'),
    value: new TypedObject('C', bare({ x: 1, y: 2 }), ['x']),
  },
  {
    name: 'object, typed and only dynamic',
    bytes: hex('0a 0b 03 43 03 79 04 02 01'),
    value: new TypedObject('C', bare({ y: 2 }), []),
  },
  {
    name: 'object, traits references, each to its own',
    bytes: hex('09 0d 01 0a 13 03 43 03 78 04 01 0a 0b 01 01 0a 01 04 02 0a 05 01 0a 23 00 02 03 79 01 01 0a 09 02 03'),
    value: [
      new TypedObject('C', bare({ x: 1 })),
      bare({}),
      new TypedObject('C', bare({ x: 2 })),
      bare({}),
      new TypedObject('C', bare({ x: null, y: null })),
      new TypedObject('C', bare({ x: false, y: true })),
    ],
  },
  {
    name: 'object, externalizable: ArrayCollection',
    bytes: hex(`0a 07 ${arrayCollection} 09 03 01 04 07`),
    value: new ExternalizableObject('flex.messaging.io.ArrayCollection', [7]),
  },
  {
    name: 'object, externalizable: ArrayList',
    bytes: hex(`0a 07 37 ${flex} 41727261794c697374 09 01 01`),
    value: new ExternalizableObject('flex.messaging.io.ArrayList', []),
  },
  {
    name: 'object, externalizable: ArrayProxy',
    bytes: hex(`0a 07 39 ${flex} 417272617950726f7879 09 03 01 04 07`),
    value: new ExternalizableObject('flex.messaging.io.ArrayProxy', [7]),
  },
  {
    name: 'object, externalizable: ObjectProxy',
    bytes: hex(`0a 07 3b ${flex} 4f626a65637450726f7879 0a 0b 01 03 61 04 07 01`),
    value: new ExternalizableObject('flex.messaging.io.ObjectProxy', bare({ a: 7 })),
  },
  {
    name: 'object, externalizable, by a traits reference',
    bytes: hex(`09 05 01 0a 07 ${arrayCollection} 09 01 01 0a 01 09 01 01`),
    value: [
      new ExternalizableObject('flex.messaging.io.ArrayCollection', []),
      new ExternalizableObject('flex.messaging.io.ArrayCollection', []),
    ],
  },

  { name: 'XML, empty', bytes: hex('0b 01'), value: new Xml('') },
  { name: 'XML', bytes: hex('0b 09 3c612f3e'), value: new Xml('<a/>') },

  { name: 'byte array, empty', bytes: hex('0c 01'), value: new Uint8Array() },
  { name: 'byte array', bytes: hex('0c 07 00ff80'), value: Uint8Array.of(0, 255, 128) },

  { name: 'vector of int, fixed', bytes: hex('0d 05 01 00000001 80000000'), value: Int32Array.of(1, -2_147_483_648) },
  { name: 'vector of int', bytes: hex('0d 03 00 fffffffe'), value: new NumberVector(Int32Array.of(-2)) },
  { name: 'vector of uint, fixed', bytes: hex('0e 03 01 ffffffff'), value: Uint32Array.of(4_294_967_295) },
  { name: 'vector of uint', bytes: hex('0e 05 00 00000001 00000002'), value: new NumberVector(Uint32Array.of(1, 2)) },
  { name: 'vector of double, fixed', bytes: hex('0f 03 01 3fe0000000000000'), value: Float64Array.of(0.5) },
  {
    name: 'vector of double',
    bytes: hex('0f 05 00 7ff8000000000000 8000000000000000'),
    value: new NumberVector(Float64Array.of(Number.NaN, -0)),
  },
  { name: 'vector of double, empty', bytes: hex('0f 01 00'), value: new NumberVector(new Float64Array()) },
  { name: 'vector of object, fixed', bytes: hex('10 03 01 01 04 07'), value: new ObjectVector('', [7], true) },
  {
    name: 'vector of object',
    bytes: hex('10 05 00 03 43 0a 03 00 01'),
    value: new ObjectVector('C', [new TypedObject('C', bare({})), null]),
  },

  {
    name: 'dictionary',
    bytes: hex('11 05 00 06 03 61 04 01 0a 0b 01 01 02'),
    value: new Dictionary([
      ['a', 1],
      [bare({}), false],
    ]),
  },
  {
    name: 'dictionary with weak keys',
    bytes: hex('11 03 01 08 01 0000000000000000 01'),
    value: new Dictionary([[new Date(0), null]], true),
  },
  {
    name: 'dictionary with a key twice',
    bytes: hex('11 05 00 04 01 02 04 01 03'),
    value: new Dictionary([
      [1, false],
      [1, true],
    ]),
  },
]

/** Bytes we understand but do not write like this. */
export const readOnlyCases: readonly Case[] = [
  { name: 'integer in more bytes than it needs', bytes: hex('04 80808001'), value: 1 },
  { name: 'double that could be an integer', bytes: hex('05 3ff0000000000000'), value: 1 },
  {
    name: 'strings written out again count again',
    bytes: hex('09 09 01 06 03 61 06 03 61 06 03 62 06 04'),
    value: ['a', 'a', 'b', 'b'],
  },
  { name: 'date, other bits of the header', bytes: hex('08 7f 0000000000000000'), value: new Date(0) },
  { name: 'anonymous object, sealed', bytes: hex('0a 13 01 03 61 04 01'), value: bare({ a: 1 }) },
  {
    name: 'anonymous object, sealed and dynamic',
    bytes: hex('0a 1b 01 03 61 04 01 03 62 04 02 01'),
    value: bare({ a: 1, b: 2 }),
  },
  {
    name: 'anonymous objects, sealed, by a traits reference',
    bytes: hex('09 05 01 0a 13 01 03 61 04 01 0a 01 04 02'),
    value: [bare({ a: 1 }), bare({ a: 2 })],
  },
  {
    name: 'externalizable, other bits of the header',
    bytes: hex(`0a 7f ${arrayCollection} 01`),
    value: new ExternalizableObject('flex.messaging.io.ArrayCollection', null),
  },
  { name: 'fixed is everything but 0', bytes: hex('0d 01 80'), value: new Int32Array() },
  {
    name: 'duplicate keys, the last wins',
    bytes: hex('0a 0b 01 03 61 02 00 03 01'),
    value: bare({ a: true }),
  },
  { name: 'a byte that is never UTF-8', bytes: hex('06 07 61ff62'), value: 'aÿb' },
  { name: 'a key that is not UTF-8', bytes: hex('0a 0b 01 03 ff 01 01'), value: bare({ ÿ: null }) },
  {
    name: 'key __proto__ is dropped: object',
    bytes: hex('0a 0b 01 13 5f5f70726f746f5f5f 04 01 03 61 01 01'),
    value: bare({ a: null }),
  },
  {
    name: 'key __proto__ is dropped: sealed',
    bytes: hex('0a 23 01 13 5f5f70726f746f5f5f 03 61 04 01 01'),
    value: bare({ a: null }),
  },
  {
    name: 'key __proto__ is dropped: array',
    bytes: hex('09 03 13 5f5f70726f746f5f5f 04 01 01 03'),
    value: new EcmaArray(bare({}), [true]),
  },
  {
    name: 'a reference under another marker',
    bytes: hex('09 05 01 0a 0b 01 01 08 02'),
    value: [bare({}), bare({})],
  },
]
