import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Init } from '../media/segment.ts'
import { type ListedSegment, mediaPlaylist } from '../text/media-playlist.ts'
import { withQuery } from '../text/with-query.ts'
import { type Answer, SharedText } from '../serve/answer.ts'
import type { CacheTimes } from '../serve/cache-times.ts'
import { HlsRefusal } from '../serve/hls-refusal.ts'
import { playlistType, typeOf } from '../serve/media-types.ts'
import { Waiting } from '../serve/waiting.ts'
import type { Watched } from '../serve/watched.ts'
import { type Journal, parseJournal, type StreamLine } from './journal.ts'
import { journalName } from './stream-folder.ts'

/** What is had of a recording that somebody watches. */
interface Content {
  readonly index: string
  readonly playlists: ReadonlyMap<string, SharedText>
  /** Bytes by name. */
  readonly files: ReadonlyMap<string, number>
  /** Milliseconds. */
  readonly targetDuration: number
}

/** What is left of a stream that is over, in a folder: it plays from beginning to end. */
export class Recording implements Watched {
  readonly path: string
  readonly stream: StreamLine
  /** Of all of it, in files. */
  readonly bytes: number
  /** Milliseconds since 1970. */
  readonly ended: number
  readonly waiting: Waiting = new Waiting()
  readonly endedAt: number = 0
  viewers = 0
  readonly #cache: CacheTimes
  #content: Content | undefined

  constructor(fields: Pick<Recording, 'path' | 'stream' | 'bytes' | 'ended'>, cache: CacheTimes) {
    this.path = fields.path
    this.stream = fields.stream
    this.bytes = fields.bytes
    this.ended = fields.ended
    this.#cache = cache
  }

  /** What is in a folder; undefined if that is no recording. */
  static async at(path: string, cache: CacheTimes): Promise<Recording | undefined> {
    const journal = await journalAt(path)
    if (journal?.index === undefined) return undefined
    const sizes = await sizesIn(path)
    const bytes = [...sizes.values()].reduce((sum, size) => sum + size, 0)
    const { mtimeMs } = await stat(join(path, journalName))
    const isEmpty = !journal.segments.some(({ file }) => sizes.has(file))
    return isEmpty ? undefined : new Recording({ path, stream: journal.stream, bytes, ended: mtimeMs }, cache)
  }

  get isLoaded(): boolean {
    return this.#content !== undefined
  }

  get targetDuration(): number {
    return this.#content?.targetDuration ?? 0
  }

  /** Reads what there is. @throws HlsRefusal 404 where it has been removed */
  async load(): Promise<void> {
    if (this.#content !== undefined) return
    const journal = await journalAt(this.path)
    const files = await sizesIn(this.path).catch(() => new Map<string, number>())
    if (journal?.index === undefined) throw gone()
    this.#content = contentOf(journal, files)
  }

  /** Forgets what was read, but nothing of it is removed. */
  unload(): void {
    this.#content = undefined
  }

  index(query: string): Answer | undefined {
    const content = this.#loaded()
    if (content === undefined) return undefined
    const body = new SharedText(withQuery(content.index, query))
    return { type: playlistType, body, cacheControl: this.#cache.playlist(this.targetDuration, false, true) }
  }

  playlist(name: string): Answer | undefined {
    const content = this.#loaded()
    if (content === undefined) return undefined
    const body = content.playlists.get(name)
    if (body === undefined) throw new HlsRefusal(404, 'there is no such playlist')
    return { type: playlistType, body, cacheControl: this.#cache.playlist(this.targetDuration, false, true) }
  }

  file(name: string): Answer | undefined {
    const content = this.#loaded()
    if (content === undefined) return undefined
    const size = content.files.get(name)
    if (size === undefined) throw gone()
    return { type: typeOf(name), body: { path: join(this.path, name), size }, cacheControl: this.#cache.media }
  }

  /** Undefined while it is read once more: who watches may ask for no playlist for long, and counts as nobody then. */
  #loaded(): Content | undefined {
    if (this.#content === undefined)
      this.load().then(
        () => this.waiting.look(),
        () => this.waiting.refuse(gone()),
      )
    return this.#content
  }
}

function contentOf({ index = '', segments }: Journal, files: ReadonlyMap<string, number>): Content {
  const inits = new Map<string, Init>()
  const listed = new Map<string, ListedSegment[]>()
  for (const { of, file: name, init, number, ...rest } of segments) {
    if (!files.has(name)) continue
    const own = listed.get(of) ?? []
    listed.set(of, own)
    if (init !== undefined && !inits.has(init)) inits.set(init, { name: init, body: Buffer.alloc(0) })
    const begin = init === undefined ? undefined : inits.get(init)
    own.push({ ...rest, name, number, init: begin, parts: [], isComplete: true })
  }
  const longest = Math.max(1000, ...[...listed.values()].flat().map(({ duration }) => duration))
  const targetDuration = Math.round(longest / 1000)
  const playlists = [...listed].map(([name, own]) => {
    const window = { segments: own, discontinuitySequence: 0, nextPartName: '' }
    const text = mediaPlaylist({ window, targetDuration, partTarget: 0, isEnded: true, isWhole: true, others: [] })
    return [name, new SharedText(text)] as const
  })
  return { index, playlists: new Map(playlists), files, targetDuration: targetDuration * 1000 }
}

/** Of a folder; undefined if there is none. */
export async function journalAt(path: string): Promise<Journal | undefined> {
  try {
    return parseJournal(await readFile(join(path, journalName), 'utf8'))
  } catch {
    return undefined
  }
}

async function sizesIn(path: string): Promise<Map<string, number>> {
  const names = (await readdir(path)).filter(name => name !== journalName)
  const sizes = await Promise.all(names.map(async name => [name, (await stat(join(path, name))).size] as const))
  // Of a machine that has stopped, files may be empty that were written last.
  return new Map(sizes.filter(([, size]) => size > 0))
}

function gone(): HlsRefusal {
  return new HlsRefusal(404, 'there is no such file, or no longer')
}
