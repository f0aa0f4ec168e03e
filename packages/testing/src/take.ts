import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import type { Readable } from 'node:stream'

/** The next `count` messages of a stream, which stays open. @throws Error when it ends, fails or is destroyed before */
export function take(stream: Readable, count: number): Promise<RtmpMessage[]> {
  return new Promise((resolve, reject) => {
    const taken: RtmpMessage[] = []
    const finish = (error?: Error) => {
      stream.off('readable', read).off('end', ended).off('close', ended).off('error', finish)
      if (error) reject(error)
      else resolve(taken)
    }
    const ended = () => finish(new Error(`the stream ended after ${taken.length} of ${count} messages`))
    const read = () => {
      while (taken.length < count) {
        const message = stream.read() as RtmpMessage | null
        if (message === null) return
        taken.push(message)
      }
      finish()
    }
    if (stream.readableEnded || stream.destroyed) return ended()
    stream.on('readable', read).on('end', ended).on('close', ended).on('error', finish)
    read()
  })
}
