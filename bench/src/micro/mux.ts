import { ChunkMuxer, MessageBatch, MessageType, type RtmpMessage, setChunkSize } from '@rtmpipe/chunk-stream'
import type { MicroTask } from './micro-task.ts'
import { nodeMediaServerParser } from './node-media-server-parser.ts'
import type { Recording } from './recording.ts'

/** The media of a recording back to chunks. */
export function muxTasks({ messages }: Recording): MicroTask[] {
  const media = messages.filter(isMedia)
  const bytes = media.reduce((total, { payload }) => total + payload.length, 0)
  const figures = {
    rate: (seconds: number) => bytes / seconds / 1e6,
    cost: (seconds: number) => (seconds / media.length) * 1e9,
  }
  const task = (row: string, run: () => void, reference = false): MicroTask => ({
    group: 'mux',
    row,
    reference,
    run,
    figures,
  })
  const Writer = nodeMediaServerParser()
  return [
    task('rtmpipe · muxer, 128-byte chunks', () => mux(media, 128)),
    task('rtmpipe · muxer, 60,000-byte chunks', () => mux(media, 60_000)),
    task('rtmpipe · batches of one, 60,000-byte chunks', () => encodeBatches(media)),
    task('Node-Media-Server · 65,535-byte chunks', () => media.forEach(it => Writer.createMessage(packet(it))), true),
  ]
}

function isMedia({ messageTypeId }: RtmpMessage): boolean {
  return messageTypeId === MessageType.Audio || messageTypeId === MessageType.Video
}

function mux(messages: readonly RtmpMessage[], chunkSize: number): void {
  const muxer = new ChunkMuxer()
  muxer.encode(setChunkSize(chunkSize))
  for (const message of messages) muxer.encode(message)
}

function encodeBatches(messages: readonly RtmpMessage[]): void {
  for (const message of messages) new MessageBatch([message]).encode(60_000, 1)
}

function packet({ messageTypeId, timestamp, payload }: RtmpMessage) {
  return { codec_type: messageTypeId, size: payload.length, dts: timestamp, data: payload }
}
