import type { AudioTag, ExVideoTrack, ModEx, VideoTag } from '@rtmpipe/flv'
import fc from 'fast-check'

// Tags as parse gives them: what is written must be read as the same.

const bytes = fc.uint8Array({ maxLength: 12 }).map(data => Buffer.from(data))
const modEx: fc.Arbitrary<ModEx> = fc.oneof(
  fc.record({ kind: fc.constant('timestampOffsetNano' as const), nanoseconds: fc.nat(999_999) }),
  fc.record({
    kind: fc.constant('opaque' as const),
    type: fc.integer({ min: 1, max: 15 }),
    data: fc
      .oneof(fc.uint8Array({ minLength: 1, maxLength: 5 }), fc.uint8Array({ minLength: 254, maxLength: 258 }))
      .map(data => Buffer.from(data)),
  }),
)
const modExes = fc.array(modEx, { maxLength: 8 })

function tracks(codecs: readonly string[]) {
  const text = fc.oneof(
    fc.constantFrom(...codecs),
    fc.uint8Array({ minLength: 4, maxLength: 4 }).map(data => Buffer.from(data).toString('latin1')),
  )
  const track = fc.record({ trackId: fc.nat(255), fourCc: text, data: bytes })
  return fc.oneof(
    track.map(each => ({ multitrackType: undefined, tracks: [{ ...each, trackId: 0 }] })),
    track.map(each => ({ multitrackType: 0 as const, tracks: [each] })),
    fc
      .tuple(text, fc.array(track, { minLength: 1, maxLength: 4 }))
      .map(([fourCc, list]) => ({ multitrackType: 1 as const, tracks: list.map(each => ({ ...each, fourCc })) })),
    fc.array(track, { minLength: 1, maxLength: 4 }).map(list => ({ multitrackType: 2 as const, tracks: list })),
  )
}

const compositionTime = fc.integer({ min: -0x80_0000, max: 0x7f_ffff })
const timed = ['avc1', 'hvc1', 'vvc1']

const exVideo: fc.Arbitrary<VideoTag> = fc
  .record({
    frameType: fc.nat(7),
    packetType: fc.constantFrom(0, 1, 1, 1, 2, 3, 4, 5, 8, 15),
    modEx: modExes,
    content: tracks([...timed, 'av01', 'vp08', 'vp09']),
    times: fc.array(compositionTime, { minLength: 4, maxLength: 4 }),
  })
  .map(({ frameType, packetType, modEx, content, times }) => ({
    kind: 'enhanced',
    // With frame type 5 there is metadata, or nothing but a command.
    frameType: frameType === 5 && packetType !== 4 ? 1 : frameType,
    modEx,
    packetType,
    multitrackType: content.multitrackType,
    tracks: content.tracks.map(
      (track, index): ExVideoTrack => ({
        ...track,
        compositionTime: packetType === 1 && timed.includes(track.fourCc) ? times[index]! : 0,
      }),
    ),
  }))

const legacyVideo: fc.Arbitrary<VideoTag> = fc
  .record({
    frameType: fc.constantFrom(0, 1, 2, 3, 4, 6, 7),
    codecId: fc.nat(15),
    type: fc.nat(255),
    time: compositionTime,
    data: bytes,
  })
  .map(({ frameType, codecId, type, time, data }) => {
    const isAvc = [7, 12, 13].includes(codecId)
    const packetType = isAvc ? type : undefined
    return { kind: 'legacy', frameType, codecId, packetType, compositionTime: isAvc ? time : 0, data }
  })

const command: fc.Arbitrary<VideoTag> = fc
  .record({
    enhanced: fc.boolean(),
    command: fc.nat(255),
    low: fc.constantFrom(0, 1, 2, 3, 5, 6, 8, 15),
    modEx: modExes,
  })
  .map(({ enhanced, command, low, modEx }) => ({
    kind: 'command',
    enhanced,
    command,
    codecIdOrPacketType: low,
    modEx: enhanced ? modEx : [],
  }))

export const videoTag: fc.Arbitrary<VideoTag> = fc.oneof({ weight: 3, arbitrary: exVideo }, legacyVideo, command)

const exAudio: fc.Arbitrary<AudioTag> = fc
  .record({
    packetType: fc.constantFrom(0, 1, 2, 3, 4, 6, 8, 15),
    modEx: modExes,
    content: tracks(['mp4a', 'Opus', 'fLaC', 'ac-3', 'ec-3', '.mp3']),
  })
  .map(({ packetType, modEx, content }) => ({ kind: 'enhanced', modEx, packetType, ...content }))

const legacyAudio: fc.Arbitrary<AudioTag> = fc
  .record({
    soundFormat: fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15),
    soundRate: fc.nat(3),
    soundSize: fc.nat(1),
    soundType: fc.nat(1),
    type: fc.nat(255),
    data: bytes,
  })
  .map(({ type, ...rest }) => ({ kind: 'legacy', ...rest, packetType: rest.soundFormat === 10 ? type : undefined }))

export const audioTag: fc.Arbitrary<AudioTag> = fc.oneof({ weight: 3, arbitrary: exAudio }, legacyAudio)
