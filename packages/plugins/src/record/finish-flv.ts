import type { FileHandle } from 'node:fs/promises'
import type { FlvScan } from '@rtmpipe/flv'
import { type CutOff, cutEnd } from './unfinished-end.ts'

/**
 * Lets an FLV file end with a whole tag and its back pointer.
 *
 * @param keepBeside as for {@link cutEnd}
 * @throws RecordError `RTMP_ERR_RECORD_DAMAGED` for a file that does not end like an unfinished one; then it is as it was
 */
export async function finishFlv(
  handle: FileHandle,
  file: string,
  { fileSize: end, bytes, tail, backPointer }: FlvScan,
  keepBeside: string | undefined,
): Promise<CutOff> {
  const cut = await cutEnd(handle, file, { end, bytes, tail }, keepBeside)
  if (backPointer !== undefined) await handle.write(backPointer, 0, backPointer.length, end - backPointer.length)
  return cut
}
