import { createHash } from 'node:crypto'
import { keptFile } from './kept-file.ts'
import { packetsOf } from './packets.ts'
import type { PacketList } from './packets.ts'
import { ffmpeg2018 } from './programs.ts'
import { run } from './running-program.ts'
import { words } from './words.ts'

/** What to make: H.264 and AAC in FLV at 30 frames per second. */
export interface MediaRecipe {
  readonly seconds: number
  /** Pixels, like `320x180`. */
  readonly size: string
  /** Frames from one keyframe to the next. */
  readonly gop: number
  readonly bFrames: number
  /** Noise keeps the encoder from making tiny frames: large messages need many chunks. */
  readonly noise: boolean
}

/** A media file and what is in it. */
export interface Media extends PacketList {
  readonly file: string
  readonly gop: number
  readonly seconds: number
}

/** About four seconds with B-frames; keyframes of some tens of kilobytes, twice per second. */
export const liveRecipe: MediaRecipe = { seconds: 4, size: '320x180', gop: 15, bFrames: 2, noise: true }

/** One second of a tiny picture without B-frames. */
export const tinyRecipe: MediaRecipe = { seconds: 1, size: '96x54', gop: 15, bFrames: 0, noise: false }

const made = new Map<string, Promise<Media>>()

/**
 * Makes the media with the ffmpeg that npm installed, so that it is the same on every machine, or takes it from the
 * cache in the system's folder for temporary files.
 */
export function makeMedia(recipe: MediaRecipe): Promise<Media> {
  const key = JSON.stringify(encoderArguments(recipe))
  let media = made.get(key)
  if (media === undefined) {
    media = make(recipe)
    made.set(key, media)
  }
  return media
}

async function make(recipe: MediaRecipe): Promise<Media> {
  const args = encoderArguments(recipe)
  const key = createHash('sha256').update(args.join('\n')).digest('hex').slice(0, 16)
  const file = await keptFile(`${key}.flv`, path => run(ffmpeg2018(), [...args, path]))
  const list = await packetsOf(file)
  const hashes = new Set(list.packets.map(packet => packet.hash))
  if (hashes.size !== list.packets.length) throw new Error(`${file} has equal packets: no place in it is unique`)
  return { ...list, file, gop: recipe.gop, seconds: recipe.seconds }
}

function encoderArguments({ seconds, size, gop, bFrames, noise }: MediaRecipe): string[] {
  const picture = `testsrc2=size=${size}:rate=30${noise ? ',noise=alls=20:allf=t:all_seed=1' : ''}`
  const sound = 'aevalsrc=0.2*sin(440*2*PI*t+3*sin(2*PI*t)):sample_rate=44100'
  return [
    ...words`-nostdin -v error -y -f lavfi -i ${picture} -f lavfi -i ${sound} -t ${seconds} -pix_fmt yuv420p`,
    ...words`-c:v libx264 -preset veryfast -threads 1 -crf 26 -bf ${bFrames}`,
    ...words`-g ${gop} -keyint_min ${gop} -sc_threshold 0`,
    ...words`-c:a aac -b:a 64k -ac 1 -flags +bitexact -fflags +bitexact -f flv`,
  ]
}
