import { describe, expect, test } from 'vitest'
import {
  Amf0Reader,
  Amf0Writer,
  Amf3Writer,
  AmfError,
  type AmfObject,
  type AmfValue,
  AvmPlus,
  decodeAmf0,
  decodeAmf3,
  defaultExternalizableCodecs,
  encodeAmf3,
  type ExternalizableCodec,
  type ExternalizableCodecs,
  ExternalizableObject,
} from '../../src/index.ts'
import { codeOf, hex } from '../support.ts'

function codecs(codec: ExternalizableCodec): ExternalizableCodecs {
  return new Map([...defaultExternalizableCodecs, ['C', codec]])
}

function write(value: AmfValue, known: ExternalizableCodecs): Buffer {
  const writer = new Amf3Writer(undefined, known)
  writer.write(value)
  return writer.finish()
}

const everything: ExternalizableCodec = {
  read: input => ({
    uint8: input.uint8(),
    uint16: input.uint16(),
    int32: input.int32(),
    uint32: input.uint32(),
    double: input.double(),
    text: input.text(),
    bytes: input.bytes(2),
    value: input.value(),
  }),
  write(output, content) {
    const { uint8, uint16, int32, uint32, double, text, bytes, value } = content as AmfObject
    output.uint8(uint8 as number)
    output.uint16(uint16 as number)
    output.int32(int32 as number)
    output.uint32(uint32 as number)
    output.double(double as number)
    output.text(text as string)
    output.bytes(bytes as Uint8Array)
    output.value(value)
  },
}

test('a codec of ones own reads and writes whatever there is', () => {
  const bytes = hex('0a 07 03 43 fe fffd fffffffc fffffffb bfe0000000000000 0003 e282ac 0102 06 00')
  const content = {
    uint8: 0xfe,
    uint16: 0xfffd,
    int32: -4,
    uint32: 0xffff_fffb,
    double: -0.5,
    text: '€',
    bytes: Uint8Array.of(1, 2),
    // The class name, by reference.
    value: 'C',
  }
  const known = codecs(everything)
  expect(decodeAmf3(bytes, undefined, known)).toStrictEqual([new ExternalizableObject('C', content)])
  expect(write(new ExternalizableObject('C', content), known)).toEqual(bytes)
  for (let length = 1; length < bytes.length; length++) {
    expect(codeOf(() => decodeAmf3(bytes.subarray(0, length), undefined, known))).toBe('RTMP_ERR_AMF_TRUNCATED')
  }
})

test('numbers of too many bits lose the high ones', () => {
  const content = {
    uint8: 0x1fe,
    uint16: -1,
    int32: 2 ** 32 + 5,
    uint32: -1,
    double: 0,
    text: '',
    bytes: new Uint8Array(2),
    value: null,
  }
  expect(write(new ExternalizableObject('C', content), codecs(everything))).toEqual(
    hex('0a 07 03 43 fe ffff 00000005 ffffffff 0000000000000000 0000 0000 01'),
  )
})

test('text is limited', () => {
  const text: ExternalizableCodec = {
    read: input => input.text(),
    write: (output, content) => output.text(content as string),
  }
  const long = new ExternalizableObject('C', 'x'.repeat(65_536))
  expect(codeOf(() => write(long, codecs(text)))).toBe('RTMP_ERR_AMF_STRING_LENGTH')
  const bytes = hex('0a 07 03 43 0002 6161')
  expect(codeOf(() => decodeAmf3(bytes, { stringLength: 1 }, codecs(text)))).toBe('RTMP_ERR_AMF_STRING_LENGTH')
})

test.each(['bff0000000000000', '3fe0000000000000', '7ff8000000000000', '7ff0000000000000'])(
  'a length that is none is an error: double %s',
  double => {
    const counted: ExternalizableCodec = { read: input => input.bytes(input.double()), write: () => undefined }
    // To step back by -1 would read the same bytes for ever.
    expect(codeOf(() => decodeAmf3(hex(`0a 07 03 43 ${double}`), undefined, codecs(counted)))).toBe(
      'RTMP_ERR_AMF_EXTERNALIZABLE',
    )
  },
)

test('codecs reach AMF3 inside AMF0', () => {
  const bytes = hex('11 0a 07 03 43 07')
  const known = codecs({ read: input => input.uint8(), write: (output, content) => output.uint8(content as number) })
  const value = new ExternalizableObject('C', 7)
  expect(decodeAmf0(bytes, undefined, known)).toStrictEqual([value])
  expect(new Amf0Reader(bytes, undefined, known).read()).toStrictEqual(value)
  const writer = new Amf0Writer(undefined, known)
  writer.write(new AvmPlus(value))
  expect(writer.finish()).toEqual(bytes)
})

describe('a class without a codec is an error', () => {
  test('read', () => {
    expect(codeOf(() => decodeAmf3(hex('0a 07 03 43 01')))).toBe('RTMP_ERR_AMF_EXTERNALIZABLE')
    expect(codeOf(() => decodeAmf3(hex('0a 07 01 01')))).toBe('RTMP_ERR_AMF_EXTERNALIZABLE')
    expect(codeOf(() => decodeAmf0(hex('0a 00000001 11 0a 07 03 43 01')))).toBe('RTMP_ERR_AMF_EXTERNALIZABLE')
  })

  test.each(['toString', '__proto__', 'constructor', 'get'])('read: %s', name => {
    const bytes = Buffer.concat([hex('0a 07'), Buffer.of(name.length * 2 + 1), Buffer.from(name), hex('01')])
    expect(codeOf(() => decodeAmf3(bytes))).toBe('RTMP_ERR_AMF_EXTERNALIZABLE')
  })

  test('written', () => {
    expect(codeOf(() => encodeAmf3(new ExternalizableObject('C', null)))).toBe('RTMP_ERR_AMF_EXTERNALIZABLE')
  })

  test('and its name cannot forge lines of a log', () => {
    expect(() => decodeAmf3(hex('0a 07 07 610a62 01'))).toThrow(/^no codec for externalizable "a\\nb"$/)
    const long = encodeAmf3('n'.repeat(1000)).subarray(1)
    expect(() => decodeAmf3(Buffer.concat([hex('0a 07'), long]))).toThrow(/^.{0,140}$/)
  })
})

describe('what a codec throws', () => {
  const cause = new RangeError('no')
  const failing = codecs({
    read: () => {
      throw cause
    },
    write: () => {
      throw cause
    },
  })

  test.each([
    ['read', () => decodeAmf3(hex('0a 07 03 43 01'), undefined, failing)],
    ['written', () => write(new ExternalizableObject('C', null), failing)],
  ])('is the cause of an AmfError: %s', (_name, run) => {
    expect(codeOf(run)).toBe('RTMP_ERR_AMF_EXTERNALIZABLE')
    expect(run).toThrow(expect.objectContaining({ cause }))
  })

  test('is left as it is when it is an AmfError', () => {
    const refusing = codecs({
      read: () => {
        throw new AmfError('RTMP_ERR_AMF_VALUE', 'no')
      },
      write: (output, content) => output.value(content),
    })
    expect(codeOf(() => decodeAmf3(hex('0a 07 03 43 01'), undefined, refusing))).toBe('RTMP_ERR_AMF_VALUE')
    const wrong = new ExternalizableObject('C', new Map() as unknown as AmfObject)
    expect(codeOf(() => write(wrong, refusing))).toBe('RTMP_ERR_AMF_VALUE')
  })
})
