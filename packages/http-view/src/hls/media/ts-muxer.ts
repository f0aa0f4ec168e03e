import type { OutputSample, StreamTrack } from '@rtmpipe/plugins/mp4'
import { aacFrames, avcFrames, type ElementaryFrame, hasAacHeader, hevcFrames } from './elementary.ts'
import type { Muxer } from './muxer.ts'
import { TsPackets } from './ts-packets.ts'
import { programAssociation, programMap, programPid } from './ts-tables.ts'

const firstPid = 0x100
/** Units of 90 kHz by which clocks are earlier than what is decoded: players have to have it by then. */
const headStart = 9_000
const wrap = 2 ** 33

interface Elementary {
  readonly type: number
  /** ISO/IEC 13818-1 table 2-22. */
  readonly streamId: number
  readonly frame: (track: StreamTrack) => ElementaryFrame
}

const asItIs = (): ElementaryFrame => data => data
const kinds: Readonly<Record<string, Elementary>> = {
  avc1: { type: 0x1b, streamId: 0xe0, frame: avcFrames },
  hvc1: { type: 0x24, streamId: 0xe0, frame: hevcFrames },
  mp4a: { type: 0x0f, streamId: 0xc0, frame: aacFrames },
  mp3: { type: 0x03, streamId: 0xc0, frame: asItIs },
  'ac-3': { type: 0x81, streamId: 0xbd, frame: asItIs },
  'ec-3': { type: 0x87, streamId: 0xbd, frame: asItIs },
}

/** Whether MPEG-TS has a place for it that players know. */
export function isForTs({ codec, config }: StreamTrack): boolean {
  return codec === 'mp4a' ? hasAacHeader(config) : codec in kinds
}

interface TsTrack extends Elementary {
  readonly pid: number
  readonly isVideo: boolean
  readonly make: ElementaryFrame
}

/** MPEG-TS of at most a picture and a sound. */
export class TsMuxer implements Muxer {
  readonly init = undefined
  readonly #tracks: readonly TsTrack[]
  readonly #packets = new TsPackets()
  readonly #clockPid: number

  /** @param tracks for all of which {@link isForTs} is true */
  constructor(tracks: readonly StreamTrack[]) {
    this.#tracks = tracks.map((track, place) => {
      const kind = kinds[track.codec] as Elementary
      return { ...kind, pid: firstPid + place, isVideo: track.output.kind === 'video', make: kind.frame(track) }
    })
    this.#clockPid = this.#tracks[0]?.pid ?? firstPid
  }

  mux(samples: readonly (readonly OutputSample[])[], isFirst: boolean): Buffer {
    if (isFirst) {
      this.#packets.addTable(0, programAssociation())
      this.#packets.addTable(programPid, programMap(this.#tracks, this.#clockPid))
    }
    const all = samples.flatMap((own, place) => own.map(sample => ({ track: this.#tracks[place] as TsTrack, sample })))
    // The order of tracks stays where times are the same.
    all.sort((one, other) => one.sample.decodeTime - other.sample.decodeTime)
    for (const { track, sample } of all) this.#add(track, sample)
    return this.#packets.take()
  }

  #add(track: TsTrack, { decodeTime, compositionOffset, isSync, data }: OutputSample): void {
    const decode = units(decodeTime)
    const shown = units(decodeTime + compositionOffset)
    const body = track.make(Buffer.from(data.buffer, data.byteOffset, data.byteLength), isSync)
    const hasClock = track.pid === this.#clockPid
    this.#packets.addFrame(track.pid, packetized(track, shown, decode, body), {
      isKey: isSync && (track.isVideo || hasClock),
      ...(hasClock && { clock: (decode - headStart + wrap) % wrap }),
    })
  }
}

function units(milliseconds: number): number {
  return (((Math.round(milliseconds) * 90 + headStart) % wrap) + wrap) % wrap
}

/** A PES packet (§2.4.3.6). */
function packetized({ streamId, isVideo }: TsTrack, shown: number, decode: number, body: Buffer): Buffer {
  const isTwice = shown !== decode
  const times = isTwice ? Buffer.concat([time(3, shown), time(1, decode)]) : time(2, shown)
  const length = 3 + times.length + body.length
  // Pictures may be longer than the field tells.
  const said = isVideo || length > 0xffff ? 0 : length
  const head = Buffer.of(0, 0, 1, streamId, said >> 8, said & 0xff, 0x84, isTwice ? 0xc0 : 0x80, times.length)
  return Buffer.concat([head, times, body])
}

function time(mark: number, value: number): Buffer {
  const high = Math.floor(value / 0x4000_0000) & 7
  const low = value % 0x4000_0000
  const bytes = Buffer.alloc(5)
  bytes.writeUInt8((mark << 4) | (high << 1) | 1, 0)
  bytes.writeUInt16BE(((low >> 15) << 1) | 1, 1)
  bytes.writeUInt16BE(((low & 0x7fff) << 1) | 1, 3)
  return bytes
}
