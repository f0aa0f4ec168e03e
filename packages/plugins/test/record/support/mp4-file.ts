import { readFileSync } from 'node:fs'
import { openMovie } from '../../../src/mp4/open-movie.ts'

export interface Mp4File {
  /** Of all tracks, sorted. */
  readonly codecs: string[]
  /** Kind and data in hexadecimal text, sorted. */
  readonly packets: string[]
  /** Milliseconds when they are shown, by kind and number of the track. */
  readonly times: Map<string, number[]>
  /** The data of each in hexadecimal text, in order, in the same way. */
  readonly samples: Map<string, string[]>
}

/** What is in an MP4 file, as it is read to be played; that others read the same is shown with FFmpeg (test/interop). */
export async function readMp4(path: string): Promise<Mp4File> {
  const bytes = readFileSync(path)
  const read = async (position: number, length: number): Promise<Buffer> => bytes.subarray(position, position + length)
  const { tracks } = await openMovie({ size: bytes.length, read, peek: read })
  const [codecs, packets, times]: [string[], string[], Map<string, number[]>] = [[], [], new Map()]
  const samples = new Map<string, string[]>()
  const counts = new Map<string | undefined, number>()
  for (const track of tracks) {
    const { kind, descriptions } = track
    counts.set(kind, (counts.get(kind) ?? 0) + 1)
    codecs.push(descriptions[0]?.codec ?? '')
    const shown: number[] = []
    const data: string[] = []
    for await (const { position, size, decodeTime, compositionOffset } of track.samples()) {
      packets.push(`${kind} ${bytes.toString('hex', position, position + size)}`)
      data.push(bytes.toString('hex', position, position + size))
      shown.push(Math.round((decodeTime + compositionOffset) * 1000))
    }
    times.set(`${kind} ${counts.get(kind)}`, shown)
    samples.set(`${kind} ${counts.get(kind)}`, data)
  }
  return { codecs: codecs.sort(), packets: packets.sort(), times, samples }
}
