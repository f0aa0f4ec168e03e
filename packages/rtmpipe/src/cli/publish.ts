import { PassThrough, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { connect } from '../connect.ts'
import { splitStreamUrl } from '../stream-url.ts'
import { FlvFile } from './flv-file.ts'
import { PaceStage } from './pace-stage.ts'
import { Progress } from './progress.ts'

export interface PublishCommandOptions {
  readonly loop?: boolean
  readonly realtime: boolean
  readonly insecure?: boolean
}

/** `rtmpipe publish FILE.flv URL`: to the end of the file, or until Ctrl+C. */
export async function publish(path: string, url: string, options: PublishCommandOptions): Promise<void> {
  const { appUrl, streamName } = splitStreamUrl(url)
  const { loop = false, realtime, insecure = false } = options
  await using file = await FlvFile.open(path)
  await using client = await connect(appUrl, { insecure })
  const stream = await client.publish(streamName)
  const progress = new Progress('publishing', loop ? undefined : file.size)
  const messages = Readable.from(file.messages(loop, bytes => progress.add(bytes)))
  const pace = realtime ? new PaceStage() : new PassThrough({ objectMode: true })
  pace.on('data', (message: RtmpMessage) => progress.at(message.timestamp))
  const signal = interruption()
  try {
    await pipeline(messages, pace, stream, { signal })
  } catch (error) {
    if (!signal.aborted) {
      progress.stop()
      throw reasonOf(error as NodeJS.ErrnoException)
    }
  }
  progress.finish()
}

/** Aborted by the first Ctrl+C; the second one ends the process at once. */
function interruption(): AbortSignal {
  const abort = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => abort.abort())
  return abort.signal
}

function reasonOf(error: NodeJS.ErrnoException): Error {
  return error.code === 'ERR_STREAM_PREMATURE_CLOSE' ? new Error('the server ended the publish') : error
}
