import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AmfError, decodeAmf0, EcmaArray, salvageAmf0, TypedObject } from '../../src/index.ts'
import { codeOf, hex } from '../support.ts'

const play = '02 0004 706c6179'
const two = '00 4000000000000000'
const a1 = '0001 61 00 3ff0000000000000'
const b2 = `0001 62 ${two}`
const end = '000009'

describe('what can be read is read', () => {
  it.each<[what: string, bytes: string, values: unknown[], code: string]>([
    ['a byte of padding', `${play} 00`, ['play'], 'TRUNCATED'],
    ['an end of an object too many', `${play} 03 ${a1} ${end} ${end}`, ['play', { a: 1 }], 'TRUNCATED'],
    ['text behind it', `${play} ${two} 68656c6c6f`, ['play', 2], 'MARKER'],
    ['a reference to nothing', `${play} 07 0009`, ['play'], 'REFERENCE'],
    ['an end outside of an object', `${play} 09`, ['play'], 'OBJECT_END'],
    ['a string longer than any', `${play} 0c ffffffff`, ['play'], 'STRING_LENGTH'],
    ['an array longer than any', `${play} 0a ffffffff`, ['play'], 'ARRAY_LENGTH'],
    ['an object without its end', `${play} 03 ${a1} ${b2}`, ['play', { a: 1, b: 2 }], 'TRUNCATED'],
    ['half an end', `${play} 03 ${a1} 0000`, ['play', { a: 1 }], 'TRUNCATED'],
    ['an object that is cut in a value', `${play} 03 ${a1} 0001 62 00 40`, ['play', { a: 1 }], 'TRUNCATED'],
    ['an object that is cut in a key', `${play} 03 ${a1} 0003 62`, ['play', { a: 1 }], 'TRUNCATED'],
    ['an object with a reserved marker', `${play} 03 ${a1} 0001 62 0e ${end} 05`, ['play', { a: 1 }], 'MARKER'],
    ['an object without its end in another', `${play} 03 ${a1} 0001 62 03 ${a1}`, ['play', { a: 1 }], 'TRUNCATED'],
    ['AMF3 of an unknown kind', `${play} 11 7f`, ['play'], 'MARKER'],
  ])('%s', (_what, bytes, values, code) => {
    const salvaged = salvageAmf0(hex(bytes))
    expect(salvaged.values).toEqual(values)
    expect(salvaged.fault).toBeInstanceOf(AmfError)
    expect(salvaged.fault?.code).toBe(`RTMP_ERR_AMF_${code}`)
    expect(codeOf(() => decodeAmf0(hex(bytes)))).toBe(`RTMP_ERR_AMF_${code}`)
  })

  it('ECMA arrays, typed objects and strict arrays too', () => {
    expect(salvageAmf0(hex(`08 00000002 ${a1}`)).values).toEqual([new EcmaArray({ a: 1 })])
    expect(salvageAmf0(hex(`10 0001 43 ${a1}`)).values).toEqual([new TypedObject('C', { a: 1 })])
    expect(salvageAmf0(hex(`0a 00000003 ${two} 05 02`)).values).toEqual([[2, null]])
  })

  it('an earlier object is not taken for a later value', () => {
    expect(salvageAmf0(hex(`03 ${a1} ${end} 00 40`)).values).toEqual([{ a: 1 }])
  })
})

it('without a fault is what there is', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), bytes => {
      const { values, fault } = salvageAmf0(bytes)
      if (fault === undefined) expect(decodeAmf0(bytes)).toEqual(values)
      else expect(codeOf(() => decodeAmf0(bytes))).toBe(fault.code)
    }),
    { numRuns: 500 },
  )
})

it('reads no more values than are wanted', () => {
  expect(salvageAmf0(hex(`${play} ${two} 0e`), 2)).toEqual({ values: ['play', 2] })
})

it.each([
  ['depth', '03 0001 61 03 0001 61 03'],
  ['elements', '05 05 05'],
  ['byteLength', '05'.repeat(40)],
])('crossing %s is an error all the same', (limit, bytes) => {
  const most = { depth: 2, elements: 2, byteLength: 39 }
  expect(codeOf(() => salvageAmf0(hex(bytes), Infinity, { [limit]: most[limit as keyof typeof most] }))).toMatch(
    /^RTMP_ERR_AMF_(DEPTH|ELEMENTS|BYTE_LENGTH)$/,
  )
})
