import { EventEmitter, once } from 'node:events'
import type { PlayInfo, Plugin, PublishInfo } from '../../src/index.ts'

/** Lets a test wait for what happens on a server. */
export class Watch implements Plugin {
  readonly name = 'watch'
  readonly #events = new EventEmitter()

  /** The next player of a stream. */
  async played(streamName: string): Promise<PlayInfo> {
    const [info] = (await once(this.#events, `played ${streamName}`)) as [PlayInfo]
    return info
  }

  /** The next publisher of a stream. */
  async published(streamName: string): Promise<PublishInfo> {
    const [info] = (await once(this.#events, `published ${streamName}`)) as [PublishInfo]
    return info
  }

  onPlayStart(info: PlayInfo): void {
    this.#events.emit(`played ${info.streamName}`, info)
  }

  onPublishStart(info: PublishInfo): void {
    this.#events.emit(`published ${info.streamName}`, info)
  }
}
