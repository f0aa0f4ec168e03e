import { FlvDemuxer, type MediaMessage } from '@rtmpipe/flv'

/** Demuxes pieces of one file. Each is copied, so a demuxer that keeps what it should not is found out. */
export function demux(...pieces: readonly Uint8Array[]): MediaMessage[] {
  const demuxer = new FlvDemuxer()
  const messages: MediaMessage[] = []
  for (const piece of pieces) demuxer.push(Uint8Array.from(piece), message => messages.push(message))
  demuxer.end()
  return messages
}

/** Cuts bytes into pieces of the given sizes, used over and over. */
export function cut(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = []
  for (let at = 0, index = 0; at < bytes.length; index++) {
    const size = sizes[index % sizes.length]!
    pieces.push(bytes.subarray(at, at + size))
    at += size
  }
  return pieces
}
