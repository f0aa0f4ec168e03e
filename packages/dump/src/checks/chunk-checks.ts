import { defaultChunkLimits, type ObservedChunk } from '@rtmpipe/chunk-stream'
import type { Complain } from '../complain.ts'

interface Started {
  readonly extendedTimestamp: boolean
  complained: boolean
}

/** What one direction's chunks have wrong that still can be read (RTMP 1.0 §5.3.1). */
export class ChunkChecks {
  /** By chunk stream id; there are no more than the demuxer allows. */
  readonly #started = new Map<number, Started>()

  check(chunk: ObservedChunk, complain: Complain): void {
    const { chunkStreamId, format, extendedTimestamp, messageOffset, messageLength } = chunk
    const started = this.#started.get(chunkStreamId)
    if (started === undefined && format !== 0) {
      complain('first-format', `chunk stream ${chunkStreamId} begins with format ${format}, not with 0`)
    }
    if (messageOffset === 0) {
      // Format 3 inherits that there is one.
      this.#started.set(chunkStreamId, { extendedTimestamp, complained: false })
      const { maxMessageLength } = defaultChunkLimits
      if (messageLength > maxMessageLength) {
        complain('message-long', `a message of ${messageLength} bytes, more than rtmpipe takes (${maxMessageLength})`)
      }
      return
    }
    if (format !== 3) {
      complain('header-inside-message', `a message is continued with format ${format}, not with 3`)
    } else if (started?.extendedTimestamp === true && !extendedTimestamp && !started.complained) {
      started.complained = true
      complain('no-extended-timestamp', 'the message is continued without the extended timestamp it began with')
    }
  }
}
