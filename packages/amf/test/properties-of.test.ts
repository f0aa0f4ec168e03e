import { expect, test } from 'vitest'
import { type AmfValue, EcmaArray, propertiesOf, TypedObject, Unsupported, XmlDocument } from '../src/index.ts'

test('gives the members of whatever has any', () => {
  const members = { a: 1 }
  expect(propertiesOf(members)).toBe(members)
  expect(propertiesOf(new EcmaArray(members))).toBe(members)
  expect(propertiesOf(new TypedObject('C', members))).toBe(members)
})

const without: AmfValue[] = [undefined, null, true, 1, 'text', [], new Date(), new XmlDocument(''), new Unsupported()]

test.each(without.map(value => [value]))('gives nothing for %s', value => {
  expect(propertiesOf(value)).toBeUndefined()
})
