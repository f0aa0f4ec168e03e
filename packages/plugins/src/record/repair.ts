import { type FileHandle, open } from 'node:fs/promises'
import { type FlvScan, flvCompletion, scanFlv } from '@rtmpipe/flv'
import { isMp4Error } from '../mp4/errors.ts'
import { RecordError } from './errors.ts'
import { FileWindow } from './file-window.ts'
import { keyframesOf } from './flv-writer.ts'
import { mp4Duration, scanMp4 } from './mp4-scan.ts'
import type { RepairedFile } from './options.ts'

/** Keyframes in the index of a repaired file; as many as rtmpipe writes. */
const capacity = 2_048
/** Most bytes behind the last complete part of a file that count as a half-written end. */
const maxTail = 65 * 1024 * 1024

/**
 * Completes a recording that was not ended: cuts off what was not written in full and, in FLV, writes duration, size
 * and keyframe index. A complete file stays as it is.
 *
 * @throws RecordError `RTMP_ERR_RECORD_EMPTY`, or `RTMP_ERR_RECORD_DAMAGED` when more would be lost than an unfinished
 *   end; then the file is as it was
 */
export async function repair(file: string): Promise<RepairedFile> {
  const handle = await open(file, 'r+')
  try {
    const start = await handle.read(Buffer.alloc(8), 0, 8, 0)
    if (start.bytesRead < 8) throw empty(file)
    const found = start.buffer.toString('latin1')
    if (found.startsWith('FLV')) return { file, ...(await repairFlv(handle, file)) }
    if (found.endsWith('ftyp')) return { file, ...(await repairMp4(handle, file)) }
    throw new RecordError('RTMP_ERR_RECORD_DAMAGED', `${file} is neither an FLV nor an MP4 file`)
  } finally {
    await handle.close()
  }
}

async function repairFlv(handle: FileHandle, file: string): Promise<Omit<RepairedFile, 'file'>> {
  const scan = await scanFlv(await FileWindow.of(handle), keyframesOf(capacity))
  if (scan === undefined || scan.frames === 0) throw empty(file)
  const cut = await cutAt(handle, file, scan.fileSize, scan.bytes)
  const patches = isComplete(scan) ? [] : flvCompletion(scan.metadata, scan)
  for (const { position, bytes } of patches) await handle.write(bytes, 0, bytes.length, position)
  await handle.sync()
  return { format: 'flv', duration: scan.duration, bytes: scan.fileSize, cut }
}

async function repairMp4(handle: FileHandle, file: string): Promise<Omit<RepairedFile, 'file'>> {
  try {
    const { end, fragments, bytes } = await scanMp4(handle)
    if (fragments === 0) throw empty(file)
    const duration = await mp4Duration(handle, end)
    const cut = await cutAt(handle, file, end, bytes)
    await handle.sync()
    return { format: 'mp4', duration, bytes: end, cut }
  } catch (error) {
    if (!isMp4Error(error)) throw error
    throw new RecordError('RTMP_ERR_RECORD_DAMAGED', `${file} is damaged: ${error.message}`, { cause: error })
  }
}

async function cutAt(handle: FileHandle, file: string, end: number, bytes: number): Promise<number> {
  if (bytes - end > maxTail)
    throw new RecordError('RTMP_ERR_RECORD_DAMAGED', `${file} is damaged at byte ${end}, with ${bytes - end} behind it`)
  if (bytes > end) await handle.truncate(end)
  return bytes - end
}

/** Files of other programs have other metadata, which need not be changed. */
function isComplete({ metadata, bytes }: FlvScan): boolean {
  const { duration, filesize, fileSize } = metadata?.properties ?? {}
  return typeof duration === 'number' && duration > 0 && (filesize === bytes || fileSize === bytes)
}

function empty(file: string): RecordError {
  return new RecordError('RTMP_ERR_RECORD_EMPTY', `${file} holds no frame`)
}
