import { encodeAmf0, encodeAmf3Body, AvmPlus, Dictionary, TypedObject } from '@rtmpipe/amf'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { recordings, rtmpBytes } from '../../../test/support/recordings.ts'
import { RecordText } from '../src/record-text.ts'
import { ipv4, pcapFile, pcapngFile } from './support/capture-file.ts'
import { chunk, command, handshake, ofKind, recordsOf } from './support/dump.ts'

const recorded = recordings().map(recording => rtmpBytes(recording).subarray(0, 5_000))
const packets = recorded
  .slice(0, 2)
  .flatMap(bytes => [ipv4({ from: 'client', at: 0, flags: 'S' }), ipv4({ from: 'client', at: 1, payload: bytes })])
const files = [...recorded, pcapFile(packets), pcapngFile(packets)]

const unprintable = /[\p{Cc}\u2028\u2029\u202e]/u

/** Dumps and writes; fails only if that throws. Every record must be JSON. */
function dump(bytes: Buffer): void {
  const text = new RecordText()
  for (const noHandshake of [false, true]) {
    for (const record of recordsOf(bytes, { chunks: true, hex: 8, noHandshake })) {
      const line = text.line(record) ?? ''
      // Not by expect, which takes longer than all the rest.
      if (unprintable.test(line) || line.length > 2_000) throw new Error(`a line is ${JSON.stringify(line)}`)
      JSON.stringify(record)
    }
  }
}

describe('never throws, and writes one line per record', () => {
  it('for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), bytes => dump(Buffer.from(bytes))),
      { numRuns: 200 },
    )
  })

  it('for any bytes after a handshake', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), bytes => dump(Buffer.concat([handshake, bytes]))),
      { numRuns: 200 },
    )
  })

  it('for any body of any message', () => {
    fc.assert(
      fc.property(fc.nat(24), fc.uint8Array({ maxLength: 120 }), (type, body) => {
        dump(Buffer.concat([handshake, command(0, 'connect', 1, {}), chunk(5, type, 1, Buffer.from(body))]))
      }),
      { numRuns: 200 },
    )
  })

  it('for captures of any kind with some bytes changed', () => {
    const change = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(255))
    fc.assert(
      fc.property(fc.constantFrom(...files), fc.array(change, { minLength: 1, maxLength: 12 }), (file, changes) => {
        const bytes = Buffer.from(file)
        for (const [at, value] of changes) bytes[Math.floor(at * (bytes.length - 1))] = value
        dump(bytes)
      }),
      { numRuns: 40 },
    )
  })

  it('for the first bytes of a file changed', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...files.slice(-2)),
        fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 4 }),
        (file, changes) => {
          const bytes = Buffer.from(file)
          for (const [at, value] of changes) bytes[at] = value
          dump(bytes)
        },
      ),
      { numRuns: 60 },
    )
  })
})

describe('values of a stranger', () => {
  function last(body: Buffer, type = 20) {
    const record = ofKind(recordsOf([handshake, chunk(3, type, 0, body)]), 'message').at(-1)
    if (record === undefined) throw new Error('no message')
    return { body: record.body, line: new RecordText().line(record) ?? '' }
  }

  it('that say more than a terminal may hear are escaped', () => {
    const { line } = last(encodeAmf0('_result', 1, null, '\u001b[31m\u009b\u202e"', { 'k\u0007': 1 }))
    expect(line).toContain('\\u001b[31m\\u009b\\u202e\\"')
    expect(line).toContain('k\\u0007')
    // Marks of no width: one turns the direction of text, with the others two names look the same.
    expect(last(encodeAmf0('_result', 1, null, 'a\u061cb\u200bc\u200dd')).line).toContain('"a\\u061cb\\u200bc\\u200dd"')
    const spoofed = last(encodeAmf0('_result', 1, null, { $amf: '\u001b[31m', members: 1 }))
    expect(spoofed.body.values).toEqual([null, { $$amf: '\u001b[31m', members: 1 }])
    expect(spoofed.line).toContain('{$$amf: "\\u001b[31m", members: 1}')
  })

  it('are shown up to what can not be read', () => {
    const { body } = last(Buffer.concat([encodeAmf0('publish', 1, null, 'name'), Buffer.of(0x03, 0, 9, 0x63)]))
    expect(body).toMatchObject({ name: 'publish', transactionId: 1, values: [null, '***', {}] })
  })

  it('that are endless by reference are cut', () => {
    // Sixteen arrays, each of three references to the one before: a few bytes are three to the fifteenth values.
    const arrays = Array.from({ length: 15 }, (_, i) => `0a 00000003 ${`07 ${uint16(i + 1)}`.repeat(3)}`)
    const { body, line } = last(
      hex(`02 0007 5f726573756c74 00 3ff0000000000000 05 0a 00000010 0a 00000000 ${arrays.join('')}`),
    )
    expect(JSON.stringify(body)).toContain('{"$amf":"Cut"}')
    expect(JSON.stringify(body).length).toBeLessThan(400_000)
    expect(line.length).toBeLessThan(1_000)
  })

  it('that hold themselves are told to', () => {
    // An object whose member "a" is a reference to it.
    const cyclic = hex('02 0007 5f726573756c74 00 3ff0000000000000 03 0001 61 07 0000 000009')
    expect(last(cyclic).body.values).toEqual([{ a: { $amf: 'Cycle' } }])
  })

  it('that JSON has no word for are objects', () => {
    const values = [
      undefined,
      Number.NaN,
      new Date(0),
      new TypedObject('C', { x: 1 }),
      new AvmPlus(new Dictionary([[1, 'b']])),
      new AvmPlus(Buffer.of(1, 2)),
    ]
    const { body, line } = last(encodeAmf3Body('_result', 1, ...values), 17)
    expect(body).toEqual({
      name: '_result',
      transactionId: 1,
      values: [
        { $amf: 'Undefined' },
        { $amf: 'Number', value: 'NaN' },
        { $amf: 'Date', value: '1970-01-01T00:00:00.000Z' },
        { $amf: 'TypedObject', className: 'C', members: { x: 1 } },
        { $amf: 'Dictionary', entries: [[1, 'b']] },
        { $amf: 'ByteArray', length: 2 },
      ],
    })
    expect(line).toContain('_result(1) undefined, NaN, 1970-01-01T00:00:00.000Z, TypedObject {x: 1}')
  })
})

function hex(digits: string): Buffer {
  return Buffer.from(digits.replaceAll(' ', ''), 'hex')
}

function uint16(value: number): string {
  return value.toString(16).padStart(4, '0')
}
