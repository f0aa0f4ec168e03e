import { createWriteStream, openSync } from 'node:fs'
import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { FlvMuxStage, isFrame } from '@rtmpipe/flv'
import { connect } from '../connect.ts'
import { splitStreamUrl } from '@rtmpipe/session'
import { CliError } from '../serve/cli-error.ts'
import { fallbackOf } from './fallback-option.ts'
import { interruption } from './interruption.ts'
import { Progress } from './progress.ts'
import { tellWay } from './tell-way.ts'

export interface PlayCommandOptions {
  readonly output?: string
  readonly duration?: string
  readonly fallback?: string
  readonly insecure?: boolean
  /** URL of a proxy; false for none, whatever the environment says. */
  readonly proxy?: string | false
}

/** `rtmpipe play URL [-o FILE.flv]`: until the stream ends, the duration has passed or Ctrl+C. */
export async function play(url: string, options: PlayCommandOptions): Promise<void> {
  const { appUrl, streamName } = splitStreamUrl(url)
  const duration = durationOf(options.duration)
  const { insecure = false, fallback, proxy } = options
  await using client = await connect(appUrl, {
    insecure,
    fallback: fallbackOf(fallback),
    ...(proxy !== undefined && { proxy }),
  })
  tellWay(client, fallback)
  const signal = interruption()
  const stream = await client.play(streamName)
  if (signal.aborted) stream.finish()
  signal.addEventListener('abort', () => stream.finish())
  const output = options.output === undefined ? nowhere() : fileOutput(options.output)
  const progress = new Progress('playing', undefined)
  let first: number | undefined
  stream.on('data', (message: RtmpMessage) => {
    progress.add(message.payload.length)
    // Metadata and headers may come at 0, or at the time of what went before them.
    if (!isFrame(message)) return
    progress.at(message.timestamp)
    first ??= message.timestamp
    if (((message.timestamp - first) | 0) >= duration) stream.finish()
  })
  try {
    await pipeline(stream, new FlvMuxStage(), output)
  } catch (error) {
    progress.stop()
    throw error
  }
  progress.finish()
}

function durationOf(value: string | undefined): number {
  if (value === undefined) return Infinity
  const seconds = Number(value)
  if (!(seconds > 0)) throw new CliError(`--duration ${value}: expected seconds, for example 10 or 2.5`)
  return seconds * 1000
}

/** Opened at once: the stream is flowing. @throws CliError when that can't be done */
function fileOutput(path: string): Writable {
  try {
    return createWriteStream(path, { fd: openSync(path, 'w') })
  } catch (error) {
    throw new CliError(`can't write ${path}: ${(error as Error).message}`, { cause: error })
  }
}

function nowhere(): Writable {
  return new Writable({ write: (_bytes, _encoding, done) => done() })
}
