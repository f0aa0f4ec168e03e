import { expect } from 'vitest'
import type { Media } from './media.ts'
import type { MediaPacket, PacketList } from './packets.ts'

/** How much of the source a player must have received. */
export interface Expectation {
  /** Whether it got everything from the source's first packet on; otherwise it must begin with any keyframe. */
  readonly fromStart: boolean
  /** How many of the source's last packets may be missing, because the client itself drops them; the default is none. */
  readonly lostAtEnd?: number
  /** Milliseconds by which a packet's time may differ from the source's; the default 0 is exact. */
  readonly tolerance?: number
}

/** What an exact copy of a part of the source shows. */
export interface Part {
  /** Places of the first and the last received packet in the source's packets of that kind. */
  readonly video: readonly [first: number, last: number]
  readonly audio: readonly [first: number, last: number]
}

/**
 * Checks that what a player received is the source's packets bit for bit: in order, without a hole, beginning with a
 * keyframe and the right sequence headers, with the source's time between them, audio beside its video.
 */
export function expectRelayed(received: PacketList, source: Media, expectation: Expectation): Part {
  const { fromStart, lostAtEnd = 0, tolerance = 0 } = expectation
  expect(received.sequenceHeaders, 'sequence headers').toEqual(source.sequenceHeaders)
  const video = expectRun('video', received, source)
  const audio = expectRun('audio', received, source)
  expect(video[0] % source.gop, 'place of the first video packet in its GOP').toBe(0)
  if (fromStart) expect([video[0], audio[0]], 'first packets').toEqual([0, 0])
  const counts = { video: ofKind('video', source).length, audio: ofKind('audio', source).length }
  const lost = counts.video - 1 - video[1] + (counts.audio - 1 - audio[1])
  expect(lost, 'packets missing at the end').toBeLessThanOrEqual(lostAtEnd)
  expectTimes(received, source, tolerance)
  const firstVideo = ofKind('video', source)[video[0]]?.dts ?? Number.NaN
  const firstAudio = ofKind('audio', source)[audio[0]]?.dts ?? Number.NaN
  expect(Math.abs(firstAudio - firstVideo), 'milliseconds between the first audio and video').toBeLessThan(150)
  return { video, audio }
}

function ofKind(media: MediaPacket['media'], list: PacketList): readonly MediaPacket[] {
  return list.packets.filter(packet => packet.media === media)
}

function expectRun(media: MediaPacket['media'], received: PacketList, source: PacketList): [number, number] {
  const places = new Map(ofKind(media, source).map((packet, place) => [packet.hash, place]))
  const got = ofKind(media, received).map(packet => places.get(packet.hash) ?? -1)
  const first = got[0]
  if (first === undefined) return expect.fail(`no ${media} packet received`)
  expect(got, `places of the received ${media} packets in the source`).toEqual(got.map((_, index) => first + index))
  return [first, first + got.length - 1]
}

function expectTimes(received: PacketList, source: PacketList, tolerance: number): void {
  const times = new Map(source.packets.map(packet => [packet.hash, packet]))
  let offset: number | undefined
  const wrong: string[] = []
  for (const packet of received.packets) {
    const original = times.get(packet.hash)
    if (original === undefined) continue
    offset ??= packet.dts - original.dts
    const late = packet.dts - original.dts - offset
    const shown = packet.pts - packet.dts - (original.pts - original.dts)
    if (Math.abs(late) <= tolerance && Math.abs(shown) <= tolerance) continue
    wrong.push(`${packet.media} dts ${original.dts} came as ${packet.dts} (${late} off), composition time ${shown} off`)
  }
  expect(wrong, 'packets with another time than the source').toEqual([])
}
