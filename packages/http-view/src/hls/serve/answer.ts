import { gzipSync } from 'node:zlib'
import type { StoredFile } from '../media/archive.ts'

/** A body that is sent to many, compressed once at most. */
export class SharedText {
  readonly bytes: Buffer
  #compressed: Buffer | undefined

  constructor(text: string) {
    this.bytes = Buffer.from(text)
  }

  get compressed(): Buffer {
    this.#compressed ??= gzipSync(this.bytes, { level: 4 })
    return this.#compressed
  }
}

/** What a request is answered with. */
export interface Answer {
  readonly type: string
  readonly body: Buffer | SharedText | StoredFile
  readonly cacheControl: string
  /** Called when nobody is sent the body any more. */
  readonly done?: () => void
  /** Further ones, for this viewer alone. */
  readonly headers?: Readonly<Record<string, string>>
}
