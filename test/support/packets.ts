import { ffmpeg2018 } from './programs.ts'
import { run } from './running-program.ts'
import { words } from './words.ts'

/** One coded frame as a demuxer sees it; times in milliseconds. */
export interface MediaPacket {
  readonly media: 'video' | 'audio'
  readonly dts: number
  readonly pts: number
  readonly size: number
  /** MD5 of the payload. */
  readonly hash: string
}

/** What a player received, or what a file holds. */
export interface PacketList {
  readonly packets: readonly MediaPacket[]
  /** MD5 of each stream's sequence header (AVCDecoderConfigurationRecord, AudioSpecificConfig). */
  readonly sequenceHeaders: Readonly<Partial<Record<MediaPacket['media'], string>>>
}

/** ffmpeg output options that write every packet, untouched, as a line of text to standard output. */
export const framehashOutput: readonly string[] = words`-c copy -copyts -copyinkf -map 0:v -map 0:a -f framehash -hash md5 -flush_packets 1 pipe:1`

/** Reads ffmpeg's framehash format. Wants time bases of 1/1000, those of FLV. */
export function parseFramehash(lines: readonly string[]): PacketList {
  const media = new Map<string, MediaPacket['media']>()
  const sequenceHeaders: Partial<Record<MediaPacket['media'], string>> = {}
  const extradata = new Map<string, string>()
  const packets: MediaPacket[] = []
  for (const line of lines) {
    const header = /^#(\w+) (\d+)[:,]\s*(?:\d+,\s*)?(\S+)/.exec(line)
    if (header !== null) {
      const [, key, stream = '', value = ''] = header
      if (key === 'media_type' && (value === 'video' || value === 'audio')) media.set(stream, value)
      if (key === 'extradata') extradata.set(stream, value)
      if (key === 'tb' && value !== '1/1000') throw new Error(`time base ${value} of stream ${stream} is not 1/1000`)
      continue
    }
    if (line.startsWith('#') || line === '') continue
    const [stream = '', dts, pts, , size, hash = ''] = line.split(',').map(field => field.trim())
    const kind = media.get(stream)
    if (kind === undefined) throw new Error(`packet of an undeclared stream: ${line}`)
    packets.push({ media: kind, dts: Number(dts), pts: Number(pts), size: Number(size), hash })
  }
  for (const [stream, value] of extradata) {
    const kind = media.get(stream)
    if (kind !== undefined) sequenceHeaders[kind] = value
  }
  return { packets, sequenceHeaders }
}

/** The packets of a media file. */
export async function packetsOf(file: string): Promise<PacketList> {
  const { stdout } = await run(ffmpeg2018(), words`-nostdin -v error -i ${file} ${framehashOutput}`)
  return parseFramehash(stdout)
}

/** MD5 of the packets of a file with any time base: of its video, and of its audio. */
export async function fileHashes(file: string): Promise<[video: string[], audio: string[]]> {
  const output = words`-c copy -map 0:v -map 0:a -f framehash -hash md5 pipe:1`
  const { stdout } = await run('ffmpeg', words`-nostdin -v error -i ${file} ${output}`)
  const lines = stdout.filter(line => !line.startsWith('#')).map(line => line.split(',').map(field => field.trim()))
  const of = (stream: string) => lines.filter(([first]) => first === stream).map(fields => fields[5] ?? '')
  return [of('0'), of('1')]
}
