/** What closes: Node's streams and readable-stream's. */
interface Closing {
  once(event: 'close', listener: () => void): unknown
  on(event: 'error', listener: () => void): unknown
}

/** Resolves when the stream has closed, in whatever way. */
export function closed(stream: Closing): Promise<void> {
  stream.on('error', () => {})
  return new Promise(resolve => stream.once('close', () => resolve()))
}
