import type { Duplex } from 'node:stream'

/** Resolves when a stream has closed, with an error or without. */
export function closed(stream: Duplex): Promise<void> {
  return stream.closed ? Promise.resolve() : new Promise(resolve => stream.once('close', () => resolve()))
}
