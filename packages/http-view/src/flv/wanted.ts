/** What a viewer wants of a stream. */
export interface Wanted {
  readonly audio: boolean
  readonly video: boolean
}

/** By the parameters of a request: `?audio=0`, `?video=0`. */
export function wantedBy({ audio, video }: Readonly<Record<string, unknown>>): Wanted {
  return { audio: audio !== '0', video: video !== '0' }
}
