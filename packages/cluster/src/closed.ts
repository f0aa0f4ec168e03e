import { finished } from 'readable-stream'
import type { Readable } from 'node:stream'

/** Resolves when it has closed, whether it ended as it should or failed. */
export function closed(messages: Readable): Promise<void> {
  return new Promise(resolve => finished(messages, { writable: false }, () => resolve()))
}
