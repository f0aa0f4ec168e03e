import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import type { Readable } from 'node:stream'
import { finished } from 'readable-stream'
import type { StreamOrigin } from '../contract/stream-view.ts'

/** The stream that is supplied. */
export interface SuppliedStream {
  startPublish(publisher: undefined, source: { end(): void }, origin: StreamOrigin): void
  endPublish(error?: Error): void
  write(message: RtmpMessage): boolean
  writable(): Promise<void>
}

/**
 * Publishes what a Readable of messages gives, until it closes.
 *
 * @returns a function that ends the publish earlier and destroys the Readable
 */
export function supply(stream: SuppliedStream, messages: Readable, origin: StreamOrigin): () => void {
  let isSupplied = true
  const end = () => {
    if (!isSupplied) return
    isSupplied = false
    stream.endPublish(messages.errored ?? undefined)
    messages.destroy()
  }
  stream.startPublish(undefined, { end }, origin)
  // Also of one that has closed already, and whatever it fails with: that is its owner's to hear.
  finished(messages, { writable: false }, end)
  messages.on('data', (message: RtmpMessage) => {
    if (!isSupplied) return
    try {
      if (stream.write(message)) return
    } catch (error) {
      messages.destroy(error as Error)
      return
    }
    messages.pause()
    void stream.writable().then(() => messages.resume())
  })
  return end
}
