import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { connect, MessageType, type RtmpMessage } from 'rtmpipe'

const program = fileURLToPath(new URL('../../../packages/rtmpipe/bin/rtmpipe.js', import.meta.url))

/** When the pictures of a stream came to a player: by their timestamp, on `performance.now()`'s clock. */
export interface Arrivals extends AsyncDisposable {
  readonly times: ReadonlyMap<number, number>
  /** Bytes of media so far. */
  readonly payload: number
}

/** Plays with our client, in this process. */
export async function playWithClient(appUrl: string, name: string): Promise<Arrivals> {
  const client = await connect(appUrl, { insecure: true })
  const times = new Map<number, number>()
  let payload = 0
  const stream = await client.play(name)
  stream.on('data', (message: RtmpMessage) => {
    payload += message.payload.length
    if (message.messageTypeId === MessageType.Video && !times.has(message.timestamp))
      times.set(message.timestamp, performance.now())
  })
  stream.on('error', () => {})
  return {
    times,
    get payload() {
      return payload
    },
    [Symbol.asyncDispose]: () => client.close(),
  }
}

/** Plays with ffmpeg, which writes a line for each picture. */
export function playWithFfmpeg(ffmpeg: string, url: string): Arrivals {
  const output = ['-map', '0:v', '-c', 'copy', '-copyts', '-f', 'framehash', '-hash', 'md5', '-flush_packets', '1', '-']
  const args = ['-nostdin', '-v', 'error', '-fflags', 'nobuffer', '-i', url, ...output]
  const child = spawn(ffmpeg, args, { stdio: ['ignore', 'pipe', 'ignore'] })
  const times = new Map<number, number>()
  createInterface({ input: child.stdout }).on('line', line => {
    const timestamp = Number(line.split(',')[1])
    if (!line.startsWith('#') && !times.has(timestamp)) times.set(timestamp, performance.now())
  })
  return { times, payload: Number.NaN, [Symbol.asyncDispose]: () => end(child) }
}

/** Publishes a file again and again, every message at its own time: ffmpeg would send sound and picture together. */
export function publish(file: string, url: string): AsyncDisposable {
  const child = spawn(process.execPath, [program, 'publish', file, url, '--loop'], { stdio: 'ignore' })
  return { [Symbol.asyncDispose]: () => end(child) }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const over = new Promise(resolve => child.once('close', resolve))
  child.kill('SIGKILL')
  await over
}
