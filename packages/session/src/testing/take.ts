import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import type { Readable } from 'node:stream'

/** The next `count` messages of a stream, which stays open. @throws Error when it ends or fails before */
export function take(stream: Readable, count: number): Promise<RtmpMessage[]> {
  return new Promise((resolve, reject) => {
    const taken: RtmpMessage[] = []
    const finish = (error?: Error) => {
      stream.off('readable', read)
      stream.off('end', ended)
      stream.off('error', finish)
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
    stream.on('readable', read)
    stream.on('end', ended)
    stream.on('error', finish)
    read()
  })
}
