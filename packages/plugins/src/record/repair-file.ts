import { publishPart } from './move-file.ts'
import type { RepairedFile } from './options.ts'
import { parsePartName } from './part-name.ts'
import { repair } from './repair.ts'

/**
 * Completes a recording that was not ended: cuts off what was not written in full and, in FLV, writes duration, size
 * and keyframe index where there is room for them. What is cut off is kept beside the file, in `NAME.cut`, unless it is
 * nothing but zeroes. A `.part` gets its name. A complete file stays as it is. No process may be writing the file.
 *
 * @throws RecordError `RTMP_ERR_RECORD_EMPTY`, or `RTMP_ERR_RECORD_DAMAGED` when it is no recording, or when what is
 *   behind its last complete part is neither zeroes nor shorter than it says itself; then the file is as it was. Errors
 *   of the system, such as `ENOENT`.
 */
export async function repairFile(file: string): Promise<RepairedFile> {
  const part = parsePartName(file)
  const repaired = await repair(file, part?.name ?? file)
  return part === undefined ? repaired : { ...repaired, file: await publishPart(file, part.name) }
}
