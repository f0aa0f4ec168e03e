import { PassThrough, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { connect } from '../connect.ts'
import { splitStreamUrl, type StreamStatus } from '@rtmpipe/session'
import { fallbackOf } from './fallback-option.ts'
import { FlvFile } from './flv-file.ts'
import { interruption } from './interruption.ts'
import { PaceStage } from '../pace-stage.ts'
import { Progress } from './progress.ts'
import { tellWay } from './tell-way.ts'

export interface PublishCommandOptions {
  readonly loop?: boolean
  readonly realtime: boolean
  readonly fallback?: string
  readonly insecure?: boolean
  /** URL of a proxy; false for none, whatever the environment says. */
  readonly proxy?: string | false
}

/** `rtmpipe publish FILE.flv URL`: to the end of the file, or until Ctrl+C. */
export async function publish(path: string, url: string, options: PublishCommandOptions): Promise<void> {
  const { appUrl, streamName } = splitStreamUrl(url)
  const { loop = false, realtime, fallback, insecure = false, proxy } = options
  await using file = await FlvFile.open(path)
  await using client = await connect(appUrl, {
    insecure,
    fallback: fallbackOf(fallback),
    ...(proxy !== undefined && { proxy }),
  })
  tellWay(client, fallback)
  const signal = interruption()
  const stream = await client.publish(streamName).catch(error => {
    throw reasonOf(error as NodeJS.ErrnoException)
  })
  let said: StreamStatus | undefined
  stream.on('status', (status: StreamStatus) => (said = status))
  const progress = new Progress('publishing', loop ? undefined : file.size)
  const messages = Readable.from(file.messages(loop, bytes => progress.add(bytes)))
  const pace = realtime ? new PaceStage() : new PassThrough({ objectMode: true })
  pace.on('data', (message: RtmpMessage) => progress.at(message.timestamp))
  try {
    await pipeline(messages, pace, stream, { signal })
  } catch (error) {
    if (!signal.aborted) {
      progress.stop()
      throw reasonOf(error as NodeJS.ErrnoException, said)
    }
  }
  progress.finish()
}

/**
 * A stream that closes early without an error was ended by the server, as a connection was that takes no more.
 *
 * @param said what the server said last
 */
function reasonOf(error: NodeJS.ErrnoException, said?: StreamStatus): Error {
  if (error.code === 'ERR_STREAM_PREMATURE_CLOSE' || error.code === 'ERR_STREAM_DESTROYED') {
    const reason =
      said === undefined || said.code === 'NetStream.Unpublish.Success' ? '' : `: ${said.description || said.code}`
    return new Error(`the server ended the publish${reason}`)
  }
  if (error.code === 'EPIPE' || error.code === 'ECONNRESET')
    return new Error('the server closed the connection, and gave no reason', { cause: error })
  return error
}
