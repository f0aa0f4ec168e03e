/** A block of a server-sent stream. */
export interface SentEvent {
  readonly event: string
  /** Empty in a block that only tells the id. */
  readonly data: string
  /** The last id that has been seen. */
  readonly id: string
}

/** Takes a text stream of server-sent events apart. */
export class EventParser {
  #text = ''
  #id = ''
  #event = ''
  #data: string[] = []

  /** Blocks that are whole with this piece of the stream. */
  push(text: string): readonly SentEvent[] {
    const lines = (this.#text + text).split(/\r\n|\n|\r(?!$)/)
    this.#text = lines.pop() ?? ''
    return lines.flatMap(line => {
      if (line === '') return this.#end()
      this.#take(line)
      return []
    })
  }

  #take(line: string): void {
    const colon = line.indexOf(':')
    const name = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (name === 'data') this.#data.push(value)
    else if (name === 'event') this.#event = value
    else if (name === 'id') this.#id = value
  }

  #end(): readonly SentEvent[] {
    const [event, data] = [this.#event || 'message', this.#data]
    this.#event = ''
    this.#data = []
    return [{ event, data: data.join('\n'), id: this.#id }]
  }
}
