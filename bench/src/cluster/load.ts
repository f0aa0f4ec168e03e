/** What goes through: streams of 30 pictures and 47 sounds a second, 2.6 Mbit/s each, a keyframe of 60 KB every 2 s. */
export const streams = 200
export const sizes = { key: 60_000, picture: 9_350, sound: 340 } as const
export const pictures = 30
export const sounds = 47
export const gop = 60
/** Of all nodes. */
export const secret = 'the secret of the bench'
/** Where the time of sending stands in a payload, milliseconds of `process.hrtime`. */
export const timeOffset = 5

export function now(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

/** Subject of a stream, or of who wants them, where the client library alone sends and takes them. */
export function bareSubject(stream: number | 'join'): string {
  return `bench.${stream}`
}
