import { ChunkDemuxer, type ChunkLimits, type RtmpMessage } from '@rtmpipe/chunk-stream'

/** What came of feeding some bytes: the messages, and the error that ended it. */
export interface DemuxResult {
  readonly messages: RtmpMessage[]
  readonly error?: unknown
}

/** Feeds the segments, then says there are no more. */
export function demux(segments: Iterable<Buffer>, limits?: Partial<ChunkLimits>): DemuxResult {
  const demuxer = new ChunkDemuxer(limits)
  const messages: RtmpMessage[] = []
  try {
    for (const segment of segments) demuxer.push(segment, message => messages.push(message))
    demuxer.end()
  } catch (error) {
    return { messages, error }
  }
  return { messages }
}

/** Cuts bytes into segments of the given sizes; the last takes what is left. Each is a buffer of its own. */
export function* cut(whole: Buffer, sizes: Iterable<number>): Generator<Buffer> {
  let offset = 0
  for (const size of sizes) {
    if (offset >= whole.length) return
    yield Buffer.from(whole.subarray(offset, offset + size))
    offset += size
  }
  if (offset < whole.length) yield Buffer.from(whole.subarray(offset))
}

/** Cuts bytes into segments of one size. */
export function* cutEvery(whole: Buffer, size: number): Generator<Buffer> {
  for (let offset = 0; offset < whole.length; offset += size) yield Buffer.from(whole.subarray(offset, offset + size))
}

/** The code of an error of ours. */
export function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : error
}
