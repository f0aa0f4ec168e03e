/** The greatest length, count or index: one of the 29 bits says that it is no reference. */
export const greatestLength = 0x0fff_ffff

/** A U29 as the signed number it is in an integer (AMF3 §3.6). */
export function toInteger(u29: number): number {
  return (u29 << 3) >> 3
}

/** Whether an integer can carry it: -2^28 to 2^28-1, and not -0. */
export function isInteger(value: number): boolean {
  return toInteger(value) === value && !Object.is(value, -0)
}
