import type { FileHandle } from 'node:fs/promises'

/** Boxes of a fragmented MP4 file (ISO/IEC 14496-12 §4.2), as far as they are whole. */
export interface Mp4Scan {
  /** Where the last fragment, or what follows it in full, ends. */
  readonly end: number
  /** Whole fragments; a file that is not fragmented counts as one when it has its index and its media. */
  readonly fragments: number
  readonly bytes: number
}

export async function scanMp4(handle: FileHandle): Promise<Mp4Scan> {
  const { size: bytes } = await handle.stat()
  const head = Buffer.alloc(16)
  let [position, end, fragments, hasMovie, hasMedia] = [0, 0, 0, false, false]
  while (position + 8 <= bytes) {
    await handle.read(head, 0, 16, position)
    const type = head.toString('latin1', 4, 8)
    const size = boxSize(head, bytes - position)
    if (size < 8 || position + size > bytes || !/^[a-z0-9 ]{4}$/i.test(type)) break
    position += size
    if (type === 'moov') hasMovie = true
    if (type === 'mdat') hasMedia = true
    // A fragment is its index and its media: the one is nothing without the other.
    if (type !== 'moof') end = position
    if (type === 'mdat' && hasMovie) fragments += 1
    if (type === 'moov' && hasMedia) fragments += 1
  }
  return { end, fragments, bytes }
}

/** 0 is up to the end of the file, 1 is followed by a size of 64 bits. */
function boxSize(head: Buffer, rest: number): number {
  const size = head.readUInt32BE(0)
  if (size === 1) return Number(head.readBigUInt64BE(8))
  return size === 0 ? rest : size
}

/** Milliseconds, as its fragments say. */
export async function mp4Duration(file: string): Promise<number> {
  const { FilePathSource, Input, MP4 } = await import('mediabunny')
  const input = new Input({ source: new FilePathSource(file), formats: [MP4] })
  try {
    return Math.round((await input.computeDuration()) * 1000)
  } finally {
    input.dispose()
  }
}
