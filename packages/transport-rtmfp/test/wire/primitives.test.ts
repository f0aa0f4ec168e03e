import { describe, expect, it } from 'vitest'
import { encodeAddress, readAddress } from '../../src/wire/address.ts'
import { ByteReader } from '../../src/wire/byte-reader.ts'
import { ByteWriter } from '../../src/wire/byte-writer.ts'
import { checksum } from '../../src/wire/checksum.ts'
import { encodeOption, readOption } from '../../src/wire/options.ts'
import { vluLength } from '../../src/wire/vlu.ts'
import { WireError } from '../../src/wire/wire-error.ts'
import { bytes, vectors } from '../vectors/vectors.ts'

describe('variable length integers', () => {
  const { canonical, decodeOnly, reject, tooBig } = vectors.vlu
  const isSafe = ({ value }: { readonly value: string }) => Number.isSafeInteger(Number(value))

  it.each(canonical.filter(isSafe))('$value is $hex', ({ value, hex }) => {
    expect(new ByteReader(bytes(hex)).vlu()).toBe(Number(value))
    const writer = new ByteWriter(Buffer.alloc(16)).vlu(Number(value))
    expect(writer.written.toString('hex')).toBe(hex)
    expect(vluLength(Number(value))).toBe(hex.length / 2)
  })

  it.each(decodeOnly)('$hex is $value too', ({ value, hex }) => {
    expect(new ByteReader(bytes(hex)).vlu()).toBe(Number(value))
  })

  it.each([...reject, tooBig.hex, ...canonical.filter(one => !isSafe(one)).map(({ hex }) => hex)])(
    '%j is refused',
    hex => {
      expect(() => new ByteReader(bytes(hex)).vlu()).toThrow(WireError)
    },
  )
})

it.each(vectors.options.cases.filter(({ type }) => type !== undefined))('option $hex', one => {
  const { type = 0, hex } = one
  const value = one.valueUtf8 === undefined ? one.value : Buffer.from(one.valueUtf8).toString('hex')
  const option = readOption(new ByteReader(bytes(hex)))
  expect(option?.type).toBe(type)
  if (value !== undefined) expect(option?.value.toString('hex')).toBe(value)
  expect(encodeOption(type, option?.value).toString('hex')).toBe(hex)
})

it.each(vectors.address.cases)('address $hex', ({ ip, port, origin, hex }) => {
  const address = { address: ip, port, origin }
  expect(readAddress(new ByteReader(bytes(hex)))).toEqual(address)
  expect(encodeAddress(address).toString('hex')).toBe(hex)
})

it('no address of what is none', () => {
  for (const address of ['', 'host', '1.2.3', '::1::'])
    expect(() => encodeAddress({ address, port: 1, origin: 0 })).toThrow(WireError)
})

it.each(vectors.checksum.cases)('checksum of "$hex"', ({ hex, checksum: expected }) => {
  expect(checksum(bytes(hex)).toString(16).padStart(4, '0')).toBe(expected)
})
