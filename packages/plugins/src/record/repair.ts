import { type FileHandle, open } from 'node:fs/promises'
import { type FlvScan, flvCompletion, scanFlv } from '@rtmpipe/flv'
import { isMp4Error } from '../mp4/errors.ts'
import { RecordError } from './errors.ts'
import { FileWindow } from './file-window.ts'
import { keyframesOf } from './flv-writer.ts'
import { finishFlv } from './finish-flv.ts'
import { mp4Duration, scanMp4 } from './mp4-scan.ts'
import type { RepairedFile } from './options.ts'
import { cutEnd } from './unfinished-end.ts'

/** Keyframes in the index of a repaired file; as many as rtmpipe writes. */
const capacity = 2_048

/**
 * Completes a recording that was not ended: cuts off what was not written in full and, in FLV, writes duration, size
 * and keyframe index. A complete file stays as it is.
 *
 * @param keepBeside as for {@link cutEnd}
 * @throws RecordError `RTMP_ERR_RECORD_EMPTY`, or `RTMP_ERR_RECORD_DAMAGED` when it does not end like an unfinished
 *   file; then it is as it was
 */
export async function repair(file: string, keepBeside?: string): Promise<RepairedFile> {
  const handle = await open(file, 'r+')
  try {
    const start = await handle.read(Buffer.alloc(8), 0, 8, 0)
    if (start.bytesRead < 8) throw empty(file)
    const found = start.buffer.toString('latin1')
    if (found.startsWith('FLV')) return { file, ...(await repairFlv(handle, file, keepBeside)) }
    if (found.endsWith('ftyp')) return { file, ...(await repairMp4(handle, file, keepBeside)) }
    throw new RecordError('RTMP_ERR_RECORD_DAMAGED', `${file} is neither an FLV nor an MP4 file`)
  } finally {
    await handle.close()
  }
}

type Repaired = Omit<RepairedFile, 'file'>

async function repairFlv(handle: FileHandle, file: string, keepBeside: string | undefined): Promise<Repaired> {
  const scan = await scanFlv(await FileWindow.of(handle), () => keyframesOf(capacity))
  // Bytes of which nothing is known are no empty file.
  if (scan === undefined || (scan.frames === 0 && scan.tail !== 'unknown')) throw empty(file)
  const cut = await finishFlv(handle, file, scan, keepBeside)
  const patches = isComplete(scan) ? [] : flvCompletion(scan.metadata, scan)
  for (const { position, bytes } of patches) await handle.write(bytes, 0, bytes.length, position)
  await handle.sync()
  return { format: 'flv', duration: scan.duration, bytes: scan.fileSize, ...cut }
}

async function repairMp4(handle: FileHandle, file: string, keepBeside: string | undefined): Promise<Repaired> {
  try {
    const scan = await scanMp4(handle)
    if (scan.fragments === 0 && scan.tail !== 'unknown') throw empty(file)
    const duration = scan.tail === 'unknown' ? 0 : await mp4Duration(handle, scan.end)
    const cut = await cutEnd(handle, file, scan, keepBeside)
    await handle.sync()
    return { format: 'mp4', duration, bytes: scan.end, ...cut }
  } catch (error) {
    if (!isMp4Error(error)) throw error
    throw new RecordError('RTMP_ERR_RECORD_DAMAGED', `${file} is damaged: ${error.message}`, { cause: error })
  }
}

/** Files of other programs have other metadata, which need not be changed. */
function isComplete({ metadata, bytes }: FlvScan): boolean {
  const { duration, filesize, fileSize } = metadata?.properties ?? {}
  return typeof duration === 'number' && duration > 0 && (filesize === bytes || fileSize === bytes)
}

function empty(file: string): RecordError {
  return new RecordError('RTMP_ERR_RECORD_EMPTY', `${file} holds no frame`)
}
