import { bodyAt, boxesIn, boxHead } from './box.ts'
import type { ByteFile } from './movie.ts'
import { topBoxes } from './top-boxes.ts'

/** Bytes of the index at the end of a file; that of a day of fragments of a second has 2.5 MB for each track. */
const maxSize = 16 * 1024 * 1024
/** Entries of it that are looked at. */
const maxTried = 64
/** The box that ends a file with such an index. */
const endSize = 16

/**
 * Where fragments are, ascending: the first one and those that the index at the end of the file says, or all, as they follow one
 * another in it.
 */
export async function fragmentsOf(file: ByteFile): Promise<number[]> {
  const said = await indexed(file)
  const [first] = said
  if (first !== undefined && (await areFragments(file, said))) {
    // An index need not name all of them.
    const begin = await firstFragment(file)
    return begin !== undefined && begin < first ? [begin, ...said] : said
  }
  const found: number[] = []
  for await (const { type, position, size } of topBoxes(file)) {
    if (type === 'moof' && position + size <= file.size) found.push(position)
  }
  return found
}

async function firstFragment(file: ByteFile): Promise<number | undefined> {
  for await (const { type, position } of topBoxes(file)) if (type === 'moof') return position
  return undefined
}

/** `mfra`, which `mfro` says the size of (ISO/IEC 14496-12 §8.8.9 to §8.8.11). Nothing where there is none. */
async function indexed(file: ByteFile): Promise<number[]> {
  const end = await file.peek(file.size - endSize, endSize)
  if (end.length < endSize || end.toString('latin1', 4, 8) !== 'mfro') return []
  const size = end.readUInt32BE(12)
  if (size > Math.min(maxSize, file.size) || size < boxHead) return []
  const positions = new Set<number>()
  for (const { type, body } of boxesIn(bodyAt(await file.peek(file.size - size, size), 'mfra') ?? end.subarray(0, 0))) {
    if (type === 'tfra') for (const position of positionsIn(body)) positions.add(position)
  }
  return [...positions].sort((one, other) => one - other)
}

/** `tfra` (§8.8.10): times and positions have 32 or 64 bits, and three numbers follow of one to four bytes each. */
function positionsIn(tfra: Buffer): number[] {
  if (tfra.length < 16) return []
  const isLong = tfra[0] === 1
  const numbers = [4, 2, 0].map(bits => ((tfra.readUInt32BE(8) >> bits) & 3) + 1)
  const entry = (isLong ? 16 : 8) + numbers.reduce((sum, size) => sum + size, 0)
  const count = Math.min(tfra.readUInt32BE(12), Math.floor((tfra.length - 16) / entry))
  return Array.from({ length: count }, (_, place) => {
    const at = 16 + place * entry
    return isLong ? Number(tfra.readBigUInt64BE(at + 8)) : tfra.readUInt32BE(at + 4)
  })
}

/** Tried here and there, both ends included: an index that was copied from another file is wrong everywhere. */
async function areFragments(file: ByteFile, positions: readonly number[]): Promise<boolean> {
  const last = positions.length - 1
  const tried = new Set(Array.from({ length: maxTried }, (_, number) => Math.round((number * last) / (maxTried - 1))))
  for (const place of tried) {
    const head = await file.peek(positions[place] ?? 0, boxHead)
    if (head.toString('latin1', 4, 8) !== 'moof') return false
  }
  return true
}
