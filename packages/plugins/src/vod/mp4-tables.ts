import { VodError } from './errors.ts'

/** Bytes of an entry, by the name of the table (ISO/IEC 14496-12 §8.6 to §8.7). */
const entrySizes = { stts: 8, ctts: 8, stss: 4, stsc: 12, stco: 4, co64: 8 } as const
/** Of one track: a day at 48 frames per second. */
const maxSamples = 4_194_304
/** Of one chunk. */
const maxChunkSamples = 65_536
/** Of one fragment. */
const maxFragmentSamples = 65_536

/**
 * Looks at the tables in an index before the reader of MP4 does, which believes every count: a wrong one would keep the
 * whole process busy, or take all of its memory.
 *
 * @throws VodError `RTMP_ERR_VOD_FILE`
 */
export function checkTables(bytes: Buffer): void {
  if (bytes.includes('stbl')) {
    for (const [name, entrySize] of Object.entries(entrySizes)) eachBox(bytes, name, box => checkTable(box, entrySize))
    for (const name of ['stts', 'ctts']) eachBox(bytes, name, checkRuns)
    eachBox(bytes, 'stsc', checkChunks)
    eachBox(bytes, 'stsz', checkSizes)
  }
  if (bytes.includes('traf')) eachBox(bytes, 'trun', checkFragment)
}

/** @param check is given the box from its name on */
function eachBox(bytes: Buffer, name: string, check: (box: Buffer) => void): void {
  for (let at = bytes.indexOf(name, 4); at >= 4; at = bytes.indexOf(name, at + 4)) {
    const box = bytes.subarray(at, at - 4 + bytes.readUInt32BE(at - 4))
    require(box.length >= 16 || (box.length >= 12 && name !== 'stsz'))
    check(box)
  }
}

function checkTable(box: Buffer, entrySize: number): void {
  require(12 + box.readUInt32BE(8) * entrySize <= box.length)
}

/** Each entry stands for many samples. */
function checkRuns(box: Buffer): void {
  let samples = 0
  for (let at = 12; at + 8 <= box.length; at += 8) samples += box.readUInt32BE(at)
  require(samples <= maxSamples)
}

/** Chunks in order, each with a number of samples. */
function checkChunks(box: Buffer): void {
  let before = 0
  for (let at = 12; at + 12 <= box.length; at += 12) {
    const [first, samples] = [box.readUInt32BE(at), box.readUInt32BE(at + 4)]
    require(first > before && first <= maxSamples && samples <= maxChunkSamples)
    before = first
  }
}

function checkSizes(box: Buffer): void {
  const [size, count] = [box.readUInt32BE(8), box.readUInt32BE(12)]
  require(count <= maxSamples && (size > 0 || 16 + count * 4 <= box.length))
}

/** What a sample has of its own is told by four flags (ISO/IEC 14496-12 §8.8.8). */
function checkFragment(box: Buffer): void {
  const fields = [0x100, 0x200, 0x400, 0x800].filter(flag => (box.readUInt32BE(4) & flag) !== 0).length
  const count = box.readUInt32BE(8)
  require(count <= maxFragmentSamples && 12 + count * fields * 4 <= box.length)
}

function require(isSound: boolean): void {
  if (!isSound) throw new VodError('RTMP_ERR_VOD_FILE', 'a table in its index is damaged')
}
