import type { AmfValue } from './value.ts'

/** Whether JavaScript may keep the key among an object's indices. */
export function isIndex(key: string): boolean {
  for (let position = 0; position < key.length; position++) {
    const unit = key.charCodeAt(position)
    if (unit < 0x30 || unit > 0x39) return false
  }
  return key.length > 0
}

/**
 * V8 makes room for every index below a key such as "1023": 12 KiB for 10 bytes received. Once a key was as far out as
 * this one, it keeps a table of just the keys there are.
 */
export function makeSparse(properties: Record<string, AmfValue>): void {
  properties['4294967294'] = undefined
  delete properties['4294967294']
}
