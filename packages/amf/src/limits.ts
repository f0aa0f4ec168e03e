import { AmfError } from './errors.ts'

/**
 * What one message may grow to. The same limits hold for reading and writing: a small message of references decodes
 * cheaply but could expand without end when it is written again.
 */
export interface AmfLimits {
  /** Objects and arrays inside one another; 0 allows scalars only. At most 256, because each level is a recursion. Default 32. */
  readonly depth: number
  /** Values in one message, references included. Default 50,000. */
  readonly elements: number
  /** Bytes of UTF-8 in one string, key or XML document. Default 1,048,576. */
  readonly stringLength: number
  /** Values in one strict array, in AMF3 also in one vector or dictionary. Default 65,536. */
  readonly arrayLength: number
  /** Bytes of one message. Default 16,777,215: RTMP and FLV give lengths 24 bits. */
  readonly byteLength: number
}

/** The limits where none are given. */
export const defaultAmfLimits: AmfLimits = Object.freeze({
  depth: 32,
  elements: 50_000,
  stringLength: 1_048_576,
  arrayLength: 65_536,
  byteLength: 16_777_215,
})

const greatestDepth = 256

/** Fills in defaults. Throws {@link AmfError} `RTMP_ERR_AMF_LIMITS`: a NaN would compare as "never crossed". */
export function resolveAmfLimits(limits?: Partial<AmfLimits>): AmfLimits {
  if (limits === undefined || limits === defaultAmfLimits) return defaultAmfLimits
  return {
    depth: resolve('depth', limits.depth, greatestDepth),
    elements: resolve('elements', limits.elements),
    stringLength: resolve('stringLength', limits.stringLength),
    arrayLength: resolve('arrayLength', limits.arrayLength),
    byteLength: resolve('byteLength', limits.byteLength),
  }
}

function resolve(name: keyof AmfLimits, limit: number = defaultAmfLimits[name], greatest = Infinity): number {
  if (typeof limit === 'number' && limit >= 0 && limit <= greatest) return limit
  throw new AmfError('RTMP_ERR_AMF_LIMITS', `limit ${name} is ${String(limit)}, not a number from 0 to ${greatest}`)
}
