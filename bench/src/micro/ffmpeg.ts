import { execFile } from 'node:child_process'
import { chmodSync, renameSync } from 'node:fs'
import { createRequire } from 'node:module'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/** The system's ffmpeg, or else the one inside an npm package. */
export async function findFfmpeg(): Promise<string> {
  try {
    await execute('ffmpeg', ['-version'])
    return 'ffmpeg'
  } catch {
    const { path } = createRequire(import.meta.url)('@ffmpeg-installer/ffmpeg') as { path: string }
    // npm may have skipped the package's install script.
    chmodSync(path, 0o755)
    return path
  }
}

/** Ten seconds of 720p at 2.5 Mbit/s with AAC, into an FLV file. */
export async function encodeMedia(ffmpeg: string, file: string): Promise<void> {
  const input = '-f lavfi -i testsrc2=size=1280x720:rate=30 -f lavfi -i anoisesrc=sample_rate=48000:amplitude=0.1 -t 10'
  const filter = '-vf noise=alls=12:allf=t -pix_fmt yuv420p'
  const video = '-c:v libx264 -preset ultrafast -b:v 2500k -maxrate 2500k -bufsize 2500k -g 60'
  const audio = '-c:a aac -b:a 128k'
  const args = `-v error -y ${input} ${filter} ${video} ${audio} -f flv`.split(' ')
  await execute(ffmpeg, [...args, `${file}.part`], { timeout: 120_000 })
  renameSync(`${file}.part`, file)
}

/** Publishes a file as fast as it is taken. */
export async function publishFile(ffmpeg: string, file: string, url: string): Promise<void> {
  await execute(ffmpeg, ['-v', 'error', '-i', file, '-c', 'copy', '-f', 'flv', url], { timeout: 60_000 })
}
