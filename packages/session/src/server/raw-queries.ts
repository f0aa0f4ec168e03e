/** Names that are remembered; playlists are no longer. */
const maxNames = 32
/** Characters of a name with its query; longer ones are refused anyhow. */
const maxLength = 8_705

/** What a client wrote behind the names of the streams that it asked for last, as it wrote it. */
export class RawQueries {
  readonly #queries = new Map<string, string>()

  /** @param asked name with its query, as it stands in a command; without a name it is the last part of `app` */
  add(app: string, asked: string): void {
    const at = asked.search(/[?#]/)
    const name = (at < 0 ? asked : asked.slice(0, at)) || app.slice(app.lastIndexOf('/') + 1)
    this.#queries.delete(name)
    const query = at < 0 ? '' : asked.slice(at + 1)
    if (query === '' || asked.length > maxLength) return
    this.#queries.set(name, query)
    const [oldest] = this.#queries.keys()
    if (this.#queries.size > maxNames && oldest !== undefined) this.#queries.delete(oldest)
  }

  of(streamName: string): string | undefined {
    return this.#queries.get(streamName)
  }
}
