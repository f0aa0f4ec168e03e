import { ChunkDemuxer, ChunkMuxer, setChunkSize } from '@rtmpipe/chunk-stream'
import type { MicroTask } from './micro-task.ts'
import { nodeMediaServerParser } from './node-media-server-parser.ts'
import type { Recording } from './recording.ts'

/** How the bytes are cut: all at once, as Node's sockets read at most, as TCP segments bring them. */
const reads = [
  ['whole', Number.POSITIVE_INFINITY],
  ['read64k', 65_536],
  ['read1460', 1460],
] as const

/** Sent after each recording, so that the same demuxer can be given it again: connections live long. */
const startAgain = new ChunkMuxer().encode(setChunkSize(128))

/** Recordings through a demuxer again and again, ours and Node-Media-Server's. */
export function demuxTasks(recordings: readonly Recording[]): MicroTask[] {
  const Parser = nodeMediaServerParser()
  return recordings.flatMap(({ name, bytes: recorded }) => {
    const bytes = Buffer.concat([recorded, startAgain])
    return reads.flatMap(([column, size]): MicroTask[] => {
      const pieces = cut(bytes, size)
      const task = { group: 'demux', figures: { [column]: (seconds: number) => bytes.length / seconds / 1e6 } }
      const demuxer = new ChunkDemuxer()
      const ours = (): void => {
        for (const piece of pieces) demuxer.push(piece, ignore)
      }
      const parser = new Parser()
      const theirs = (): void => {
        for (const piece of pieces) parser.parserData(piece)
      }
      return [
        { ...task, row: `rtmpipe · ${name}`, run: ours },
        { ...task, row: `Node-Media-Server · ${name}`, reference: true, run: theirs },
      ]
    })
  })
}

function cut(bytes: Buffer, size: number): Buffer[] {
  const pieces: Buffer[] = []
  for (let start = 0; start < bytes.length; start += size) pieces.push(bytes.subarray(start, start + size))
  return pieces
}

function ignore(): void {}
