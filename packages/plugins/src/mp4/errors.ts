/** A file that is no MP4 file, or a damaged one. Who reads it says so in an error of its own. */
export class Mp4Error extends Error {
  override readonly name = 'Mp4Error'
}

/** True for what is wrong with a file: a box that ends too early is read beyond its end. */
export function isMp4Error(error: unknown): error is Error {
  return error instanceof Mp4Error || error instanceof RangeError
}
