import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { Readable } from 'readable-stream'
import { StatusError } from '../../contract/errors.ts'
import type { InProcessPlayer } from '../../contract/in-process.ts'
import type { Subscription } from '../../contract/stream-view.ts'
import type { Status } from '../../protocol/status.ts'
import { closedError, InProcessClient, type InProcessEvents, type Serve } from './in-process-client.ts'
import { isOver, playCommand } from './play-command.ts'

/** Plays as an RTMP client would, see {@link RtmpServer.play}. */
export async function playInProcess(
  serve: Serve,
  app: string,
  name: string,
  who: InProcessPlayer,
): Promise<Subscription> {
  const reader = new InProcessReader(who.follow === true)
  await reader.open(serve, app, name, who)
  return reader as unknown as Subscription
}

/** The messages of a play. What its reader has not taken counts as queued on its connection, as for every player. */
class InProcessReader extends Readable implements InProcessEvents {
  readonly #client = new InProcessClient(this)
  readonly #follow: boolean
  readonly #queue: RtmpMessage[] = []
  #queuedBytes = 0
  #wantsMore = false
  #isFinished = false
  #dropped = 0

  constructor(follow: boolean) {
    super({ objectMode: true })
    this.#follow = follow
  }

  async open(serve: Serve, app: string, name: string, who: InProcessPlayer): Promise<void> {
    try {
      await this.#client.open(serve, app, who, id => playCommand(id, name, who))
    } catch (error) {
      this.destroy()
      throw error
    }
  }

  get dropped(): number {
    return this.#client.netStream?.playback?.dropped ?? this.#dropped
  }

  get queuedBytes(): number {
    return this.#queuedBytes
  }

  media(message: RtmpMessage): void {
    if (this.#isFinished) return
    this.#queue.push(message)
    this.#queuedBytes += message.payload.length
    if (this.#wantsMore) this.#pump()
  }

  /** Its listeners are called later: here a publisher may be about to begin, which they must not disturb. */
  status(status: Status, isEnd: boolean): void {
    if (this.#isFinished) return
    const { code, description } = status
    if (isOver(status, isEnd, this.#follow)) this.finish()
    else if (isEnd) this.destroy(new StatusError(code, description))
    else process.nextTick(() => this.destroyed || this.emit('status', status))
  }

  disconnected(reason: Error = closedError()): void {
    if (!this.#isFinished) this.destroy(reason)
  }

  finish(): void {
    if (this.#isFinished) return
    this.#isFinished = true
    for (const message of this.#queue.splice(0)) this.push(message)
    this.push(null)
    this.#leave()
  }

  override _read(): void {
    this.#wantsMore = true
    this.#pump()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#isFinished = true
    this.#queue.length = 0
    this.#leave()
    done(error)
  }

  #pump(): void {
    while (this.#wantsMore) {
      const message = this.#queue.shift()
      if (message === undefined) break
      this.#queuedBytes -= message.payload.length
      this.#wantsMore = this.push(message)
    }
    if (this.#queue.length === 0) this.#client.messages.taken()
  }

  #leave(): void {
    this.#dropped = this.dropped
    this.#queuedBytes = 0
    this.#client.leave()
  }
}
