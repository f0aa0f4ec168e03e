import { expect, test } from 'vitest'
import type { Media } from '../support/media.ts'
import type { MediaPacket, PacketList } from '../support/packets.ts'
import { expectRelayed } from '../support/relayed.ts'

const video = Array.from({ length: 30 }, (_, place) => packet('video', place, place * 33))
const audio = Array.from({ length: 30 }, (_, place) => packet('audio', place, place * 33 + 10))
const packets = video.flatMap((frame, place) => [frame, audio[place] ?? frame])
const sequenceHeaders = { video: 'avcC', audio: 'asc' }
const source: Media = { packets, sequenceHeaders, file: '', gop: 15, seconds: 1 }

test('accepts the source itself, and with another start time', () => {
  expectRelayed(source, source, { fromStart: true })
  expectRelayed({ sequenceHeaders, packets: packets.map(each => later(each, 5000)) }, source, { fromStart: true })
})

test('accepts a part that begins with a keyframe', () => {
  const part = expectRelayed({ sequenceHeaders, packets: packets.slice(30) }, source, { fromStart: false })
  expect(part).toEqual({ video: [15, 29], audio: [15, 29] })
})

const broken: Record<string, PacketList> = {
  'no packet': { sequenceHeaders, packets: [] },
  'no audio': { sequenceHeaders, packets: video },
  'a hole': { sequenceHeaders, packets: packets.toSpliced(10, 1) },
  'a packet twice': { sequenceHeaders, packets: packets.toSpliced(10, 0, ...packets.slice(10, 11)) },
  'packets in another order': {
    sequenceHeaders,
    packets: packets.toSpliced(10, 4, ...packets.slice(10, 14).reverse()),
  },
  'a packet with other bytes': {
    sequenceHeaders,
    packets: packets.with(10, { ...packet('video', 5, 165), hash: 'other' }),
  },
  'a packet a millisecond late': {
    sequenceHeaders,
    packets: packets.map((each, place) => later(each, place === 10 ? 1 : 0)),
  },
  'audio shifted against video': {
    sequenceHeaders,
    packets: packets.map(each => later(each, each.media === 'audio' ? 40 : 0)),
  },
  'another sequence header': { sequenceHeaders: { ...sequenceHeaders, video: 'other' }, packets },
  'no sequence header': { sequenceHeaders: { video: 'avcC' }, packets },
  'no last packet': { sequenceHeaders, packets: packets.slice(0, -1) },
  'a start between keyframes': { sequenceHeaders, packets: packets.slice(4) },
  'audio from long before its video': { sequenceHeaders, packets: [...audio.slice(5, 15), ...packets.slice(30)] },
}

test.for(Object.entries(broken))('refuses %s', ([, received]) => {
  expect(() => expectRelayed(received, source, { fromStart: false })).toThrow()
})

test('refuses a late start where all is wanted, and more lost packets than are excused', () => {
  expect(() => expectRelayed({ sequenceHeaders, packets: packets.slice(30) }, source, { fromStart: true })).toThrow()
  const shortened = { sequenceHeaders, packets: packets.slice(0, -3) }
  expectRelayed(shortened, source, { fromStart: true, lostAtEnd: 3 })
  expect(() => expectRelayed(shortened, source, { fromStart: true, lostAtEnd: 2 })).toThrow(/missing at the end/)
})

function packet(media: MediaPacket['media'], place: number, dts: number): MediaPacket {
  return { media, dts, pts: dts + 20, size: 100, hash: `${media} ${place}` }
}

function later(packet: MediaPacket, milliseconds: number): MediaPacket {
  return { ...packet, dts: packet.dts + milliseconds, pts: packet.pts + milliseconds }
}
