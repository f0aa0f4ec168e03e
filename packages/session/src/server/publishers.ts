import type { MessageConnection } from '../contract/message-connection.ts'
import type { LiveStream } from '../live/live-stream.ts'
import { type Status, status } from '../protocol/status.ts'

/** Milliseconds between two looks at all publishers. */
const interval = 500
/** Milliseconds without a byte after which a newcomer may have a publisher's name. */
const silence = 5_000

/** What is watched of a publish. */
export interface WatchedPublish {
  readonly stream: LiveStream
  readonly connection: { readonly messages: MessageConnection; readonly seemsGone?: (() => boolean) | undefined }
  /** Messages of audio, video and data that have come so far. */
  readonly received: number
  /** Ends it. Resolves when it has ended. */
  leave(reason: Status): Promise<void>
}

/** A publish, and what had come at the last look. */
interface Watched {
  readonly publish: WatchedPublish
  /** Messages of the publish. */
  messages: number
  /** Of its connection. */
  bytes: number
  /** Looks in a row without a message. */
  idleLooks: number
  /** Looks in a row without a byte. */
  silentLooks: number
}

/**
 * The publishers of a server by stream. Ends those that send nothing for too long, and knows which have fallen silent.
 * One timer reads counters of all of them: a message costs nothing. It counts its own runs, not time, so that after a
 * pause of this process nobody is ended by mistake.
 */
export class Publishers {
  readonly #publishIdle: number
  readonly #watched = new Map<LiveStream, Watched>()
  #timer: NodeJS.Timeout | undefined

  /** @param publishIdle milliseconds without audio, video or data after which a publish is ended; 0 for never */
  constructor(publishIdle: number) {
    this.#publishIdle = publishIdle
  }

  add(publish: WatchedPublish): void {
    this.#watched.set(publish.stream, { publish, messages: 0, bytes: 0, idleLooks: 0, silentLooks: 0 })
    this.#timer ??= setInterval(() => this.#look(), interval).unref()
  }

  delete({ stream }: WatchedPublish): void {
    this.#watched.delete(stream)
    if (this.#watched.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  /** Who publishes the stream, if nothing has come from there for 5 s, or its transport takes it for gone. */
  silentOf(stream: LiveStream): WatchedPublish | undefined {
    const watched = this.#watched.get(stream)
    if (watched === undefined) return undefined
    const { publish, silentLooks } = watched
    // The last look may be almost one interval ago.
    const isSilent = (silentLooks + 1) * interval >= silence || publish.connection.seemsGone?.() === true
    return isSilent ? publish : undefined
  }

  #look(): void {
    for (const watched of this.#watched.values()) {
      const { publish } = watched
      const { bytesReceived } = publish.connection.messages
      // While we do not read, nothing can come.
      const isHeld = publish.connection.messages.isPaused()
      const isIdle = !isHeld && publish.received === watched.messages
      const isSilent = isIdle && bytesReceived === watched.bytes
      watched.messages = publish.received
      watched.bytes = bytesReceived
      watched.idleLooks = isIdle ? watched.idleLooks + 1 : 0
      watched.silentLooks = isSilent ? watched.silentLooks + 1 : 0
      if (this.#publishIdle > 0 && watched.idleLooks * interval > this.#publishIdle) this.#giveUp(publish)
    }
  }

  #giveUp(publish: WatchedPublish): void {
    const idle = status('NetStream.Publish.Idle', `nothing was published for ${this.#publishIdle / 1000} s`)
    void publish.leave(idle)
  }
}
