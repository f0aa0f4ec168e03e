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

/** Plays and decodes with FFmpeg's libraries. */
export class NodeAvDecoder implements AsyncDisposable {
  readonly #program: RunningProgram

  /** @param seconds of media; default: up to the end */
  constructor(url: string, seconds?: number) {
    const args = [script, url, ...(seconds === undefined ? [] : [String(seconds)])]
    this.#program = new RunningProgram({ name: 'node-av as decoder', file: process.execPath, args, limit: 40_000 })
  }

  /** What it says when it has ended. */
  async finish(): Promise<Decoded> {
    const { stdout } = await this.#program.finish()
    return JSON.parse(stdout.at(-1) ?? '') as Decoded
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#program[Symbol.asyncDispose]()
  }
}
