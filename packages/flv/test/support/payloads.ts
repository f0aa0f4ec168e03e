import fc from 'fast-check'

const fourCcs = ['avc1', 'hvc1', 'vvc1', 'av01', 'vp09', 'mp4a', 'Opus', 'fLaC', '.mp3', 'xxxx']

// Bytes that are usually nearly right: noise alone seldom gets past the first checks.
const fourCc = fc.constantFrom(...fourCcs).map(text => Buffer.from(text, 'latin1'))
const modEx = fc
  .tuple(fc.uint8Array({ minLength: 1, maxLength: 5 }), fc.integer({ min: 0, max: 1 }))
  .map(([data, type]) => Buffer.of(data.length - 1, ...data, (type << 4) | 7))
const track = fc
  .tuple(fourCc, fc.nat(255), fc.uint8Array({ maxLength: 6 }))
  .map(([codec, id, body]) => ({ codec, rest: Buffer.of(id, 0, 0, body.length, ...body) }))

/** `first` has 7 (ModEx) or the packet type in its low nibble. */
function enhanced(firstNibble: number, frameTypes: number, multitrack: number): fc.Arbitrary<Uint8Array> {
  return fc
    .record({
      frameType: fc.nat(frameTypes),
      modExes: fc.array(modEx, { maxLength: 9 }),
      multi: fc.boolean(),
      multitrackType: fc.nat(3),
      packetType: fc.nat(8),
      codec: fourCc,
      tracks: fc.array(track, { maxLength: 3 }),
      body: fc.uint8Array({ maxLength: 8 }),
    })
    .map(({ frameType, modExes, multi, multitrackType, packetType, codec, tracks, body }) => {
      const outer = multi ? multitrack : packetType
      const bytes = Buffer.concat([Buffer.of((firstNibble << 4) | (frameType << 4) | 7), ...modExes])
      bytes[bytes.length - 1] = (bytes[bytes.length - 1]! & 0xf0) | outer
      const manyCodecs = multitrackType === 2
      const content = multi
        ? [
            Buffer.of((multitrackType << 4) | packetType),
            ...(manyCodecs ? [] : [codec]),
            ...(multitrackType === 0
              ? [Buffer.of(1, ...body)]
              : tracks.flatMap(each => (manyCodecs ? [each.codec, each.rest] : [each.rest]))),
          ]
        : [codec, body]
      return Buffer.concat([bytes, ...content])
    })
}

const noise = fc.uint8Array({ maxLength: 40 })

export const videoPayload: fc.Arbitrary<Uint8Array> = fc.oneof(noise, enhanced(8, 7, 6))
export const audioPayload: fc.Arbitrary<Uint8Array> = fc.oneof(noise, enhanced(9, 0, 5))
