/** How long answers may be kept: by everybody where a proxy is to answer for us, else by the viewer alone or not at all. */
export class CacheTimes {
  /** Of parts and segments, which never change. */
  readonly media: string
  readonly #isShared: boolean

  constructor(isShared: boolean) {
    this.#isShared = isShared
    this.media = `${isShared ? 'public' : 'private'}, max-age=3600, immutable`
  }

  /** Of the first playlist. @param targetDuration milliseconds */
  index(targetDuration: number): string {
    return this.#isShared ? `public, max-age=${half(targetDuration)}` : 'no-store'
  }

  /** @param isAsked whether it is what somebody has asked for by its number, and stays that */
  playlist(targetDuration: number, isAsked: boolean, isEnded: boolean): string {
    if (!this.#isShared) return 'no-store'
    if (isAsked || isEnded) return `public, max-age=${Math.round((6 * targetDuration) / 1000)}`
    return `public, max-age=${half(targetDuration)}`
  }
}

/** Seconds; whole ones are all there are. */
function half(milliseconds: number): number {
  return Math.max(1, Math.floor(milliseconds / 2000))
}
