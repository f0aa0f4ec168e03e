import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { TestContext } from 'vitest'
import { parseFfprobe } from './fixtures.ts'
import type { Listing } from './listing.ts'

const run = promisify(execFile)
const entries = 'stream=index,codec_name:packet=stream_index,pts,dts,size,flags'
// FFmpeg's AV_LOG_ERROR.
const logErrors = 16

/** What the system's ffprobe finds in a file; skips the test where there is none, except in CI. */
export async function ffprobe(context: TestContext, path: string): Promise<Listing> {
  await run('ffprobe', ['-version']).catch(error => missing(context, 'ffprobe', error))
  const { stdout, stderr } = await run('ffprobe', ['-v', 'error', '-of', 'json', '-show_entries', entries, path])
  if (stderr !== '') throw new Error(`ffprobe complains about ${path}: ${stderr}`)
  return parseFfprobe(stdout)
}

/** What FFmpeg 8.1 finds in a file, by node-av; skips the test where that cannot be loaded, except in CI. */
export async function libav(context: TestContext, path: string): Promise<Listing> {
  const { avGetCodecName, FormatContext, Log, Packet } = await import('node-av/lib').catch(error =>
    missing(context, 'node-av', error),
  )
  // It has a warning for each ModEx packet that it does not know.
  Log.setLevel(logErrors as Parameters<typeof Log.setLevel>[0])
  await using format = new FormatContext()
  if ((await format.openInput(path)) < 0) throw new Error(`FFmpeg cannot open ${path}`)
  await format.findStreamInfo()
  const codecs = format.streams.map(stream => avGetCodecName(stream.codecpar.codecId) ?? 'unknown')
  const packets = []
  using packet = new Packet()
  packet.alloc()
  while ((await format.readFrame(packet)) >= 0) {
    packets.push({
      stream: packet.streamIndex,
      pts: Number(packet.pts),
      dts: Number(packet.dts),
      size: packet.size,
      key: (packet.flags & 1) === 1,
    })
    packet.unref()
  }
  return { codecs, packets }
}

function missing(context: TestContext, name: string, cause: unknown): never {
  if (process.env.CI) throw new Error(`${name} must be there in CI`, { cause })
  context.skip(`${name} is not installed`)
  throw new Error('unreachable: skip throws')
}
