import type { StreamView, StreamViews } from '@rtmpipe/session'
import type { DvrFolder } from '../dvr/dvr-folder.ts'
import type { HlsSettings } from '../hls-options.ts'
import { Program } from './program.ts'

/** The streams that are cut, each once for all of its viewers. */
export class Programs {
  readonly #streams: StreamViews
  readonly #settings: HlsSettings
  readonly #dvr: DvrFolder | undefined
  readonly #programs = new Map<string, Program>()

  constructor(streams: StreamViews, settings: HlsSettings, dvr?: DvrFolder) {
    this.#dvr = dvr
    this.#streams = streams
    this.#settings = settings
  }

  get size(): number {
    return this.#programs.size
  }

  [Symbol.iterator](): Iterator<Program> {
    return this.#programs.values()
  }

  get(app: string, name: string): Program | undefined {
    return this.#programs.get(keyOf(app, name))
  }

  /** The program of a stream; undefined if nothing is published and nothing was a moment ago. */
  open(stream: StreamView): Program | undefined {
    const known = this.get(stream.app, stream.name)
    if (known !== undefined) {
      if (stream.isPublishing) known.follow(stream)
      return known
    }
    if (!stream.isLive) return undefined
    const program = new Program(stream, this.#settings, this.#dvr?.begin(stream.app, stream.name, Date.now()))
    this.#programs.set(keyOf(stream.app, stream.name), program)
    return program
  }

  /**
   * To be called now and then.
   *
   * @returns those that have ended: nobody watches them, or they have been over for long
   */
  look(now: number): readonly Program[] {
    if (this.#settings.always) for (const stream of this.#streams) if (stream.isPublishing) this.open(stream)
    const over: Program[] = []
    for (const program of this.#programs.values()) {
      const { app, name, endedAt } = program
      const stream = endedAt === undefined ? undefined : this.#streams.get(app, name)
      if (stream?.isPublishing === true) program.follow(stream)
      if (this.#isOver(program, now)) over.push(program)
      else program.waiting.expire(now)
    }
    for (const program of over) this.#close(program)
    return over
  }

  close(): void {
    for (const program of this.#programs.values()) this.#close(program)
  }

  #isOver({ endedAt, viewers, waiting }: Program, now: number): boolean {
    if (endedAt !== undefined) return now - endedAt > this.#settings.keepEnded
    return !this.#settings.always && viewers === 0 && waiting.size === 0
  }

  #close(program: Program): void {
    this.#programs.delete(keyOf(program.app, program.name))
    program.close()
    if (program.folder !== undefined) program.left = this.#dvr?.end(program.folder)
  }
}

function keyOf(app: string, name: string): string {
  return `${app}\0${name}`
}
