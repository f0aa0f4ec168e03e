import { ChunkDemuxer } from '@rtmpipe/chunk-stream'
import type { MicroTask } from './micro-task.ts'
import { nodeMediaServerParser } from './node-media-server-parser.ts'
import type { Recording } from './recording.ts'

/** How the bytes are cut: all at once, as Node's sockets read at most, as TCP segments bring them. */
const reads = [
  ['whole', Number.POSITIVE_INFINITY],
  ['read64k', 65_536],
  ['read1460', 1460],
] as const

/** Bytes of recordings through a new demuxer each time, ours and Node-Media-Server's. */
export function demuxTasks(recordings: readonly Recording[]): MicroTask[] {
  const Parser = nodeMediaServerParser()
  return recordings.flatMap(({ name, bytes }) =>
    reads.flatMap(([column, size]): MicroTask[] => {
      const pieces = cut(bytes, size)
      const task = { group: 'demux', figures: { [column]: (seconds: number) => bytes.length / seconds / 1e6 } }
      const ours = (): void => {
        const demuxer = new ChunkDemuxer()
        for (const piece of pieces) demuxer.push(piece, ignore)
      }
      const theirs = (): void => {
        const parser = new Parser()
        for (const piece of pieces) parser.parserData(piece)
      }
      return [
        { ...task, row: `rtmpipe · ${name}`, run: ours },
        { ...task, row: `Node-Media-Server · ${name}`, reference: true, run: theirs },
      ]
    }),
  )
}

function cut(bytes: Buffer, size: number): Buffer[] {
  const pieces: Buffer[] = []
  for (let start = 0; start < bytes.length; start += size) pieces.push(bytes.subarray(start, start + size))
  return pieces
}

function ignore(): void {}
