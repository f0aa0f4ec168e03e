import { ChunkMuxer, type RtmpMessage } from '@rtmpipe/chunk-stream'
import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { beginMark, discontinuityMark, encode, endMark } from './stream-protocol.ts'

/** Bytes of payload after which a write is long enough. */
const maxWrite = 256 * 1024

/** Writes the messages of a stream to a worker that joined: what is ready together goes out as one write. */
export function sendMessages(messages: Readable, socket: Socket): void {
  const pump = (): void => {
    while (!socket.writableNeedDrain) {
      const ready = readReady(messages)
      if (ready.length === 0) return
      socket.write(encode(ready))
    }
  }
  socket.write(new ChunkMuxer().encode(beginMark))
  messages.on('readable', pump)
  messages.once('end', () => socket.end(encode([endMark])))
  messages.once('error', () => socket.destroy())
  socket.on('drain', pump)
  socket.once('close', () => messages.destroy())
}

function readReady(messages: Readable): RtmpMessage[] {
  const ready: RtmpMessage[] = []
  let bytes = 0
  while (bytes < maxWrite) {
    const message = messages.read() as RtmpMessage | null
    if (message === null) break
    if (message.discontinuity) ready.push(discontinuityMark)
    ready.push(message)
    bytes += message.payload.length
  }
  return ready
}
