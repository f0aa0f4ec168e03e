/**
 * What a byte stream may offer so that less memory is allocated and collected for its bytes. It stays a stream like any
 * other for who does not ask.
 */
export interface SparingBytes {
  /**
   * Hands over all bytes from now on, in place of `'data'`: they are good until `take` returns, because the next read goes
   * into the same memory. `pause()`, `resume()` and `'end'` hold as ever. To be called when none wait to be read:
   * `readableLength` is 0.
   */
  lend?(take: (bytes: Buffer) => void): void
  /**
   * True when nothing reads what was written any more, once it does not count in `writableLength`: the operating system has
   * a copy. Default false: a stream may hand on the very bytes, as one in memory does.
   */
  readonly copies?: boolean
}
