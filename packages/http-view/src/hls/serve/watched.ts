import type { Answer } from './answer.ts'
import type { Directives } from './hls-request.ts'
import type { Waiting } from './waiting.ts'

/** What viewers watch as HLS: playlists, and the files that they list. */
export interface Watched {
  /** Requests for what is to come. */
  readonly waiting: Waiting
  /** Sessions that watch it. */
  viewers: number
  /** Milliseconds of the longest segment. */
  readonly targetDuration: number
  /** Milliseconds of `performance` at which it has ended; undefined while it goes on. */
  readonly endedAt: number | undefined
  /** The playlist that lists the others; undefined while there is nothing to play. @param query behind each name */
  index(query: string): Answer | undefined
  /**
   * A media playlist; undefined while it is not what the directives ask for.
   *
   * @throws HlsRefusal 404 for one that does not exist, 400 for a place too far ahead
   */
  playlist(name: string, directives: Directives): Answer | undefined
  /**
   * A part, a segment, or what comes before them; undefined while it is only hinted at.
   *
   * @throws HlsRefusal 404 for what does not exist
   */
  file(name: string): Answer | undefined
}
