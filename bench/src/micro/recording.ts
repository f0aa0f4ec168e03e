import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { ChunkDemuxer, type RtmpMessage } from '@rtmpipe/chunk-stream'
import { cached } from '../cache.ts'
import { encodeMedia, findFfmpeg } from './ffmpeg.ts'
import { recordPublish } from './record-publish.ts'

/** C0, C1 and C2. */
const handshakeLength = 1 + 1536 + 1536

/** What a real client sent from the end of its handshake to the end of its publish. */
export interface Recording {
  readonly name: string
  readonly bytes: Buffer
  readonly messages: readonly RtmpMessage[]
}

/** Publishes by ffmpeg at 2.5 Mbit/s with three chunk sizes, made once and kept; and short ones from the test fixtures. */
export async function recordings(skip: (reason: string) => void): Promise<Recording[]> {
  const found: Recording[] = []
  for (const chunkSize of [128, 4096, 60_000]) {
    try {
      found.push(recording(`${chunkSize.toLocaleString('en-US')}-byte chunks`, await ffmpegPublish(chunkSize)))
    } catch (error) {
      skip(`recording of ${chunkSize}-byte chunks: ${(error as Error).message.split('\n')[0]}`)
    }
  }
  for (const [name, file] of fixtures) {
    const path = fileURLToPath(new URL(`../../../test/fixtures/wire/${file}`, import.meta.url))
    if (existsSync(path)) found.push(recording(name, readFileSync(path)))
    else skip(`${file} is not among the test fixtures`)
  }
  return found
}

/** Pictures of a few hundred bytes: what counts here is the cost per message. */
const fixtures = [
  ['128-byte chunks, tiny pictures', 'gstreamer-publish-rtmp.client.bin'],
  ['60,000-byte chunks, tiny pictures', 'ffmpeg-5.1-publish-rtmp.client.bin'],
] as const

/** @throws when it ends inside a message: it could not be played again and again */
function recording(name: string, sent: Buffer): Recording {
  const bytes = sent.subarray(handshakeLength)
  const messages: RtmpMessage[] = []
  const demuxer = new ChunkDemuxer()
  demuxer.push(bytes, message => messages.push(message))
  demuxer.end()
  return { name, bytes, messages }
}

/** ffmpeg's chunks are as long as the server's: OBS sends 4096, ffmpeg to servers that say nothing 128. */
async function ffmpegPublish(chunkSize: number): Promise<Buffer> {
  const file = cached(`ffmpeg-${chunkSize}.bin`)
  if (!existsSync(file)) {
    const ffmpeg = await findFfmpeg()
    const media = cached('media.flv')
    if (!existsSync(media)) await encodeMedia(ffmpeg, media)
    const sent = await recordPublish(ffmpeg, media, chunkSize)
    recording('to be kept', sent)
    writeFileSync(`${file}.part`, sent)
    renameSync(`${file}.part`, file)
  }
  return readFileSync(file)
}
