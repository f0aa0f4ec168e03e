import { framehashOutput, parseFramehash } from '../packets.ts'
import { ffmpeg2018 } from '../programs.ts'
import { RunningProgram } from '../running-program.ts'
import { words } from '../words.ts'
import type { Launch, Player, Publisher, PublishOptions } from './client.ts'

/** The system's ffmpeg, or the one of 2018 from npm. */
export type FfmpegName = 'ffmpeg' | 'ffmpeg-2018'

const files = { ffmpeg: () => 'ffmpeg', 'ffmpeg-2018': ffmpeg2018 }

/** Publishes a file as it is (`-c copy`). FFmpeg checks no certificates unless told to. */
export function publishWithFfmpeg(
  name: FfmpegName,
  file: string,
  url: string,
  options: PublishOptions = {},
): Publisher {
  const { realtime = true, args: more = [], ...launch } = options
  const input = words`${realtime ? ['-re'] : []} -i ${file}`
  const output = words`-c copy -f flv ${more} ${url}`
  const args = words`-nostdin -v verbose -nostats -progress pipe:1 ${input} ${output}`
  const program = new RunningProgram({ ...launch, name: `${name} as publisher`, file: files[name](), args })
  return {
    program,
    async published(seconds) {
      await program.waitForLine(/^out_time_ms=(\d+)/, match => Number(match[1]) >= seconds * 1e6)
    },
    async finish() {
      await program.finish()
    },
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  }
}

/** Plays without decoding; every packet counts, also before a keyframe. */
export function playWithFfmpeg(name: FfmpegName, url: string, options: Launch = {}): Player {
  const { args: more = [], ...launch } = options
  // The debug level tells when the play command is sent.
  const args = words`-nostdin -v debug -nostats ${more} -i ${url} ${framehashOutput}`
  const program = new RunningProgram({ ...launch, name: `${name} as player`, file: files[name](), args })
  return {
    program,
    async playing() {
      await program.waitForLine(/Sending play command/)
    },
    async finish() {
      const { stdout } = await program.finish()
      return parseFramehash(stdout)
    },
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  }
}

/** Decodes a file from its first packet on and returns every complaint of the decoders. */
export async function decodeErrors(file: string): Promise<readonly string[]> {
  const args = words`-nostdin -v error -i ${file} -f null -`
  await using program = new RunningProgram({ name: 'ffmpeg decoding', file: 'ffmpeg', args })
  const { stderr } = await program.finish()
  return stderr
}
