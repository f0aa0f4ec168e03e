import { ClientHandshake, type Handshake, ProtocolError, ServerHandshake } from '@rtmpipe/chunk-stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cut, codeOf } from '../support/demux.ts'
import { ffmpegC0c1, rtmpe, swf } from '../support/handshakes.ts'
import { bytes } from '../support/hex.ts'

/** What came of it: an error code, or the bytes that were left over. */
function outcome(handshake: Handshake, segments: Iterable<Buffer>): unknown {
  handshake.start()
  let rest: Buffer[] | undefined
  try {
    for (const segment of segments) {
      if (rest !== undefined) {
        rest.push(segment)
        continue
      }
      const step = handshake.push(segment)
      if (step.done) rest = [step.rest]
      else expect(step.rest).toHaveLength(0)
    }
  } catch (error) {
    expect(error).toBeInstanceOf(ProtocolError)
    return codeOf(error)
  }
  return rest && Buffer.concat(rest).toString('hex')
}

const sides: readonly [name: string, make: () => Handshake][] = [
  ['a server', () => new ServerHandshake({ rtmpe: true })],
  ['a simple client', () => new ClientHandshake()],
  ['a client by digest', () => new ClientHandshake({ type: 'digest' })],
  ['a client over RTMPE', () => new ClientHandshake({ type: 'rtmpe' })],
]

/** Real handshakes, some bytes of them changed, cut short or made longer. */
const hostile = fc
  .record({
    real: fc.constantFrom(
      Buffer.concat([ffmpegC0c1, bytes(1536, 1)]),
      Buffer.concat([rtmpe.c0c1, rtmpe.c2]),
      Buffer.concat([swf.c0c1, swf.c2]),
      rtmpe.s0s1s2,
      swf.s0s1s2,
    ),
    type: fc.constantFrom(3, 6, 8, 9),
    changes: fc.array(fc.tuple(fc.integer({ min: 1, max: 3072 }), fc.integer({ min: 0, max: 255 })), { maxLength: 3 }),
    length: fc.integer({ min: 1, max: 3073 }).map(length => (length < 300 ? length * 10 : 3073)),
    more: fc.uint8Array({ maxLength: 20 }),
  })
  .map(({ real, type, changes, length, more }) => {
    const changed = Buffer.from(real)
    changed[0] = type
    for (const [at, value] of changes) changed[at] = value
    return Buffer.concat([changed.subarray(0, length), more])
  })

describe.each(sides)('%s', (_name, make) => {
  it('answers whatever it gets with a typed error or goes on, the same however it is cut', () => {
    fc.assert(
      fc.property(hostile, fc.array(fc.integer({ min: 1, max: 1600 }), { maxLength: 5 }), (whole, sizes) => {
        expect(outcome(make(), cut(whole, sizes))).toEqual(outcome(make(), [whole]))
      }),
      { numRuns: 60 },
    )
  })
})
