/** What rtmpload writes into every coded frame, behind the tag's header: see its README. */
export interface Frame {
  /** Counts the frames of its kind. */
  readonly sequence: number
  /** When it was made, milliseconds of the system's monotonic clock. */
  readonly madeAt: number
  readonly isKey: boolean
}

const headers = { audio: 2, video: 14 } as const
const recordLength = 64
const sumOffset = 48
const sampleLength = 64
const mask = (1n << 64n) - 1n

/** Undefined for what is no coded frame, as metadata and codec configurations are not. */
export function frameOf(kind: keyof typeof headers, payload: Buffer): Frame | undefined {
  const at = headers[kind]
  if (payload.length < at + recordLength + 8) return undefined
  return {
    sequence: Number(payload.readBigUInt64LE(at + 8)),
    madeAt: Number(payload.readBigUInt64LE(at + 16)) / 1e6,
    isKey: payload.readUInt32LE(at + 44) >> 8 === 1,
  }
}

/** Whether its sum is right, which covers the header, the record, and both ends of what follows. */
export function isIntact(kind: keyof typeof headers, payload: Buffer): boolean {
  const at = headers[kind]
  const from = at + recordLength
  const sample = Math.min(sampleLength, payload.length - from)
  const sum = [0x9e3779b97f4a7c15n, BigInt(payload.length)] as [bigint, bigint]
  add(sum, payload.subarray(0, at + sumOffset))
  add(sum, payload.subarray(from, from + sample))
  add(sum, payload.subarray(payload.length - sample))
  const [a, b] = sum
  const expected = a ^ (((b << 29n) & mask) | (b >> 35n))
  return payload.readUInt32LE(at + 40) === payload.length && payload.readBigUInt64LE(at + sumOffset) === expected
}

/** Two sums of words, the last of which may be short. */
function add(sum: [bigint, bigint], bytes: Buffer): void {
  const words = Buffer.alloc(Math.ceil(bytes.length / 8) * 8)
  bytes.copy(words)
  for (let at = 0; at < words.length; at += 8) {
    sum[0] = (sum[0] + words.readBigUInt64LE(at)) & mask
    sum[1] = (sum[1] + sum[0]) & mask
  }
}
