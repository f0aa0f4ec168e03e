import { expect, test } from 'vitest'
import {
  type AmfValue,
  AvmPlus,
  Dictionary,
  EcmaArray,
  ExternalizableObject,
  NumberVector,
  ObjectVector,
  propertiesOf,
  TypedObject,
  Unsupported,
  Xml,
  XmlDocument,
} from '../src/index.ts'

test('gives the members of whatever has any', () => {
  const members = { a: 1 }
  expect(propertiesOf(members)).toBe(members)
  expect(propertiesOf(new EcmaArray(members))).toBe(members)
  expect(propertiesOf(new TypedObject('C', members))).toBe(members)
})

const without: AmfValue[] = [
  undefined,
  null,
  true,
  1,
  'text',
  [],
  new Date(),
  new XmlDocument(''),
  new Unsupported(),
  new Uint8Array(1),
  new Int32Array(1),
  new NumberVector(new Int32Array(1)),
  new ObjectVector('', []),
  new Dictionary([]),
  new Xml(''),
  new ExternalizableObject('flex.messaging.io.ObjectProxy', {}),
  new AvmPlus({}),
]

test.each(without.map(value => [value]))('gives nothing for %s', value => {
  expect(propertiesOf(value)).toBeUndefined()
})
