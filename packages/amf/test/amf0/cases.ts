import { type AmfValue, EcmaArray, TypedObject, Unsupported, XmlDocument } from '../../src/index.ts'
import { bare, hex } from '../support.ts'

/** A value and its bytes, derived by hand from the AMF0 specification. */
export interface Case {
  readonly name: string
  readonly bytes: Buffer
  readonly value: AmfValue
}

/** Both directions. */
export const cases: readonly Case[] = [
  { name: 'number 0', bytes: hex('00 0000000000000000'), value: 0 },
  { name: 'number -0', bytes: hex('00 8000000000000000'), value: -0 },
  { name: 'number 1', bytes: hex('00 3ff0000000000000'), value: 1 },
  { name: 'number 0.5', bytes: hex('00 3fe0000000000000'), value: 0.5 },
  { name: 'number -2', bytes: hex('00 c000000000000000'), value: -2 },
  { name: 'number NaN', bytes: hex('00 7ff8000000000000'), value: Number.NaN },
  { name: 'number Infinity', bytes: hex('00 7ff0000000000000'), value: Infinity },
  { name: 'number -Infinity', bytes: hex('00 fff0000000000000'), value: -Infinity },
  { name: 'number, the greatest', bytes: hex('00 7fefffffffffffff'), value: Number.MAX_VALUE },
  { name: 'false', bytes: hex('01 00'), value: false },
  { name: 'true', bytes: hex('01 01'), value: true },
  { name: 'empty string', bytes: hex('02 0000'), value: '' },
  { name: 'string', bytes: hex('02 0004 6c697665'), value: 'live' },
  { name: 'string of 2, 3 and 4 byte sequences', bytes: hex('02 0009 c3bc e282ac f09f8ea5'), value: 'ü€🎥' },
  { name: 'string with a NUL and a byte order mark', bytes: hex('02 0005 00 efbbbf 41'), value: '\0\ufeffA' },
  { name: 'string of 65 ASCII bytes', bytes: hex(`02 0041 ${'61'.repeat(65)}`), value: 'a'.repeat(65) },
  { name: 'string of 65,535 bytes', bytes: hex(`02 ffff ${'61'.repeat(65_535)}`), value: 'a'.repeat(65_535) },
  { name: 'empty object', bytes: hex('03 0000 09'), value: bare({}) },
  {
    name: 'object',
    bytes: hex('03 0001 61 00 3ff0000000000000 0001 62 05 0000 09'),
    value: bare({ a: 1, b: null }),
  },
  {
    name: 'object with an empty key',
    bytes: hex('03 0000 01 01 0001 61 05 0000 09'),
    value: bare({ '': true, a: null }),
  },
  { name: 'object with an undefined member', bytes: hex('03 0001 61 06 0000 09'), value: bare({ a: undefined }) },
  { name: 'object with a key that is not ASCII', bytes: hex('03 0002 c3bc 05 0000 09'), value: bare({ ü: null }) },
  {
    name: 'object with a long key',
    bytes: hex(`03 0046 ${'6b'.repeat(70)} 05 0000 09`),
    value: bare({ ['k'.repeat(70)]: null }),
  },
  {
    name: 'objects inside one another',
    bytes: hex('03 0001 61 03 0001 62 03 0000 09 0000 09 0000 09'),
    value: bare({ a: bare({ b: bare({}) }) }),
  },
  { name: 'null', bytes: hex('05'), value: null },
  { name: 'undefined', bytes: hex('06'), value: undefined },
  { name: 'empty ECMA array', bytes: hex('08 00000000 0000 09'), value: new EcmaArray(bare({})) },
  {
    name: 'ECMA array',
    bytes: hex('08 00000002 0001 30 01 00 0005 7769647468 00 4094000000000000 0000 09'),
    value: new EcmaArray(bare({ 0: false, width: 1280 })),
  },
  { name: 'empty strict array', bytes: hex('0a 00000000'), value: [] },
  {
    name: 'strict array',
    bytes: hex('0a 00000004 02 0004 68766331 06 0a 00000000 03 0000 09'),
    value: ['hvc1', undefined, [], bare({})],
  },
  { name: 'date', bytes: hex('0b 426d1a94a2000000 0000'), value: new Date('2001-09-09T01:46:40Z') },
  { name: 'date before 1970', bytes: hex('0b c08f400000000000 0000'), value: new Date(-1000) },
  { name: 'invalid date', bytes: hex('0b 7ff8000000000000 0000'), value: new Date(Number.NaN) },
  { name: 'long string', bytes: hex(`0c 00010000 ${'61'.repeat(65_536)}`), value: 'a'.repeat(65_536) },
  {
    name: 'long string of few characters',
    bytes: hex(`0c 00010002 ${'e282ac'.repeat(21_846)}`),
    value: '€'.repeat(21_846),
  },
  { name: 'unsupported', bytes: hex('0d'), value: new Unsupported() },
  { name: 'empty XML document', bytes: hex('0f 00000000'), value: new XmlDocument('') },
  { name: 'XML document', bytes: hex('0f 00000004 3c612f3e'), value: new XmlDocument('<a/>') },
  {
    name: 'typed object',
    bytes: hex('10 0005 612e622e43 0001 78 01 01 0000 09'),
    value: new TypedObject('a.b.C', bare({ x: true })),
  },
  { name: 'typed object without a name', bytes: hex('10 0000 0000 09'), value: new TypedObject('', bare({})) },
]

/** Bytes we understand but do not write like this. */
export const readOnlyCases: readonly Case[] = [
  { name: 'true is everything but 0', bytes: hex('01 80'), value: true },
  { name: 'NaN with a payload', bytes: hex('00 fff0000000000001'), value: Number.NaN },
  { name: 'short long string', bytes: hex('0c 00000004 6c697665'), value: 'live' },
  { name: 'date with a time zone', bytes: hex('0b 426d1a94a2000000 ff88'), value: new Date(1_000_000_000_000) },
  { name: 'date past the end of time', bytes: hex('0b 7fefffffffffffff 0000'), value: new Date(Number.NaN) },
  {
    name: 'duplicate keys, the last wins',
    bytes: hex('03 0001 61 01 00 0001 61 01 01 0000 09'),
    value: bare({ a: true }),
  },
  {
    name: 'ECMA array, count 0',
    bytes: hex('08 00000000 0001 61 05 0000 09'),
    value: new EcmaArray(bare({ a: null })),
  },
  {
    name: 'ECMA array, count 2^32-1',
    bytes: hex('08 ffffffff 0001 61 05 0000 09'),
    value: new EcmaArray(bare({ a: null })),
  },
  { name: 'a byte that is never UTF-8', bytes: hex('02 0003 61ff62'), value: 'aÿb' },
  { name: 'UTF-8 cut short', bytes: hex('02 0002 e282'), value: 'â‚' },
  { name: 'a surrogate in UTF-8', bytes: hex('02 0003 eda080'), value: 'í\u01a0€' },
  { name: 'a key that is not UTF-8', bytes: hex('03 0001 ff 05 0000 09'), value: bare({ ÿ: null }) },
  {
    name: 'key __proto__ is dropped',
    bytes: hex('03 0009 5f5f70726f746f5f5f 05 0001 61 05 0000 09'),
    value: bare({ a: null }),
  },
  {
    name: 'an object used twice',
    bytes: hex('0a 00000002 03 0001 61 05 0000 09 07 0001'),
    value: [bare({ a: null }), bare({ a: null })],
  },
]
