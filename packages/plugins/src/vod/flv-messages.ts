import { FlvDemuxer, FlvError, FlvMuxer, type MediaMessage } from '@rtmpipe/flv'
import { VodError } from './errors.ts'
import type { SharedFile } from './shared-file.ts'

/** A file header with the back pointer after it, for reading that begins at a tag. */
const fileHeader = new FlvMuxer().header()

/**
 * The messages of an FLV file from the tag at `position` on.
 *
 * @param end where to read no further, roughly; default the end of the file
 * @throws VodError, whatever the disk throws
 */
export async function* flvMessages(
  file: SharedFile,
  position: number,
  end: number = file.size,
): AsyncGenerator<MediaMessage, void> {
  const demuxer = new FlvDemuxer()
  let messages: MediaMessage[] = []
  const emit = (message: MediaMessage): void => void messages.push(message)
  demuxer.push(fileHeader, emit)
  for (let at = position; at < end; ) {
    const bytes = await file.rest(at)
    if (bytes.length === 0) return
    at += bytes.length
    try {
      demuxer.push(bytes, emit)
    } catch (error) {
      if (error instanceof FlvError) throw new VodError('RTMP_ERR_VOD_FILE', error.message, { cause: error })
      throw error
    }
    yield* messages
    messages = []
  }
}
