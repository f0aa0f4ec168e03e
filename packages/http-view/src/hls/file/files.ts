import type { Host, RecordedMedia } from '@rtmpipe/session'
import type { HlsSettings } from '../hls-options.ts'
import { FileProgram } from './file-program.ts'

/** The files that somebody watches, each opened once for all. */
export class Files {
  readonly #host: Host
  readonly #settings: HlsSettings
  readonly #programs = new Map<RecordedMedia, Promise<FileProgram>>()
  /** Those that somebody was let in to. */
  readonly #opened = new Map<RecordedMedia, FileProgram>()

  constructor(host: Host, settings: HlsSettings) {
    this.#host = host
    this.#settings = settings
  }

  /** What is played under a name; undefined if it is none that a plugin opens. @throws HlsRefusal */
  async open(app: string, streamName: string): Promise<FileProgram | undefined> {
    const file = await this.#host.server.abilities.openFile?.(app, streamName)
    if (file === undefined) return undefined
    const known = this.#programs.get(file.media)
    if (known !== undefined) {
      file.release()
      return known
    }
    const opening = FileProgram.open(file, this.#settings)
    this.#programs.set(file.media, opening)
    try {
      const program = await opening
      if (this.#programs.get(file.media) === opening) this.#opened.set(file.media, program)
      return program
    } catch (error) {
      this.#programs.delete(file.media)
      file.release()
      throw error
    }
  }

  /** To be called now and then. @param isUsed whether somebody may still ask for something of it */
  look(now: number, isUsed: (program: FileProgram) => boolean): void {
    for (const [media, program] of this.#opened) {
      program.waiting.expire(now)
      if (program.viewers > 0 || isUsed(program)) continue
      this.#programs.delete(media)
      this.#opened.delete(media)
      program.close()
    }
  }

  close(): void {
    for (const opening of this.#programs.values())
      void opening.then(
        program => program.close(),
        () => {},
      )
    this.#programs.clear()
    this.#opened.clear()
  }
}
