import { FlvDemuxer, type MediaMessage } from '@rtmpipe/flv'

/** Reads FLV as it comes. */
export class FlvReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>
  readonly #demuxer = new FlvDemuxer()
  readonly #messages: MediaMessage[] = []

  constructor(response: Response) {
    if (response.body === null) throw new Error('the response has no body')
    this.#reader = response.body.getReader()
  }

  /** What the file header says. */
  get header(): FlvDemuxer['header'] {
    return this.#demuxer.header
  }

  /** So many messages, which are awaited; fewer if it ends before. */
  async take(count: number): Promise<MediaMessage[]> {
    while (this.#messages.length < count) {
      const { value, done } = await this.#reader.read()
      if (done) break
      this.#demuxer.push(Buffer.from(value), message => this.#messages.push(message))
    }
    return this.#messages.splice(0, count)
  }

  /** All that comes until the end. */
  async rest(): Promise<MediaMessage[]> {
    return this.take(Infinity)
  }
}

/** What makes a message what it is. */
export function essence({ messageTypeId, timestamp, payload }: MediaMessage): string {
  return `${messageTypeId} ${timestamp} ${Buffer.from(payload).toString('base64')}`
}
