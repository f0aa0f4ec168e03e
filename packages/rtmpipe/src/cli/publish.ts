import { type FileHandle, open } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { FlvDemuxStage } from '@rtmpipe/flv'
import { connect } from '../connect.ts'
import { splitStreamUrl } from '../stream-url.ts'
import { CliError } from './cli-error.ts'
import { PaceStage } from './pace-stage.ts'
import { Progress } from './progress.ts'

export interface PublishCommandOptions {
  readonly loop?: boolean
  readonly realtime: boolean
  readonly insecure?: boolean
}

/** `rtmpipe publish FILE.flv URL` */
export async function publish(file: string, url: string, options: PublishCommandOptions): Promise<void> {
  const { appUrl, streamName } = splitStreamUrl(url)
  const handle = await open(file).catch((error: Error) => {
    throw new CliError(`can't read ${file}: ${error.message}`)
  })
  await using _file = handle
  const { size } = await handle.stat()
  await using client = await connect(appUrl, { insecure: options.insecure ?? false })
  const stream = await client.publish(streamName)
  const pace = new PaceStage(options.realtime)
  const stopped = stopOnSignal(() => pace.destroy())
  const progress = new Progress('publishing', options.loop ? undefined : size)
  pace.on('data', (message: RtmpMessage) => progress.at(message.timestamp))
  const sent = pipeline(pace, stream)
  try {
    await feed(handle, pace, options.loop === true, bytes => progress.add(bytes))
    await sent
  } catch (error) {
    if (!stopped.aborted) throw error
    stream.end()
  } finally {
    progress.stop()
  }
}

/** Writes the file's messages, again and again if asked, then ends. */
async function feed(file: FileHandle, pace: PaceStage, loop: boolean, read: (bytes: number) => void): Promise<void> {
  do {
    const bytes = file.createReadStream({ start: 0, autoClose: false })
    bytes.on('data', chunk => read(chunk.length))
    pace.repeat()
    await pipeline(bytes, new FlvDemuxStage(), pace, { end: false })
  } while (loop && pace.writable)
  pace.end()
}

function stopOnSignal(stop: () => void): AbortSignal {
  const abort = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      abort.abort()
      stop()
    })
  }
  return abort.signal
}
