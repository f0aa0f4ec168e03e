import { fileURLToPath } from 'node:url'
import { RunningProgram } from '../running-program.ts'

const script = fileURLToPath(new URL('node-av-decode.js', import.meta.url))

/** A track as FFmpeg has read and decoded it. */
export interface DecodedTrack {
  readonly kind: 'video' | 'audio'
  /** The decoder's name. */
  readonly codec: string
  readonly width: number
  readonly height: number
  readonly packets: number
  readonly frames: number
  /** Packets with an earlier timestamp than the one before. */
  readonly backwards: number
  /** Milliseconds: the first packet's and the last one's. */
  readonly first: number
  readonly last: number
}

/** All of it, and what FFmpeg complained about. */
export interface Decoded {
  readonly tracks: readonly DecodedTrack[]
  readonly errors: readonly string[]
}

/**
 * Plays and decodes with FFmpeg's libraries, one URL or file after another.
 *
 * @param seconds of each; Infinity for all of it
 */
export async function decodeWithNodeAv(seconds: number, ...urls: readonly string[]): Promise<readonly Decoded[]> {
  const args = [script, String(seconds), ...urls]
  await using program = new RunningProgram({ name: 'node-av as decoder', file: process.execPath, args, limit: 50_000 })
  const { stdout } = await program.finish()
  return stdout.map(line => JSON.parse(line) as Decoded)
}
