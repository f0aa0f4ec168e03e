import { createWriteStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { FlvDemuxer, FlvMuxStage } from '@rtmpipe/flv'
import type { RtmpMessage } from '../../src/index.ts'

/** Writes an FLV file. */
export async function writeFlv(file: string, messages: readonly RtmpMessage[]): Promise<void> {
  await pipeline(Readable.from(messages), new FlvMuxStage(), createWriteStream(file))
}

/** What an FLV file holds. */
export async function readFlv(file: string): Promise<RtmpMessage[]> {
  const messages: RtmpMessage[] = []
  const demuxer = new FlvDemuxer()
  demuxer.push(await readFile(file), message => messages.push(message))
  demuxer.end()
  return messages
}
