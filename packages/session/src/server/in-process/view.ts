import { MessageBatch, type RtmpMessage } from '@rtmpipe/chunk-stream'
import { StatusError } from '../../contract/errors.ts'
import type { InProcessPlayer } from '../../contract/in-process.ts'
import type { PlayInfo } from '../../contract/info.ts'
import type { View, ViewOutput } from '../../contract/view.ts'
import type { Status } from '../../protocol/status.ts'
import { closedError, InProcessClient, type InProcessEvents, type Serve } from './in-process-client.ts'
import { isOver, playCommand } from './play-command.ts'

/** Plays into an output, see {@link RtmpServer.view}. */
export async function viewInProcess(
  serve: Serve,
  app: string,
  name: string,
  who: InProcessPlayer,
  output: ViewOutput,
): Promise<View> {
  const view = new InProcessView(output, who.follow === true)
  await view.open(serve, app, name, who)
  return view
}

/** Hands on what a play gives, and has no queue of its own. */
class InProcessView implements InProcessEvents, View {
  readonly #client: InProcessClient
  readonly #output: ViewOutput
  readonly #follow: boolean
  #isOver = false

  constructor(output: ViewOutput, follow: boolean) {
    this.#output = output
    this.#follow = follow
    this.#client = new InProcessClient(this)
  }

  async open(serve: Serve, app: string, name: string, who: InProcessPlayer): Promise<void> {
    try {
      await this.#client.open(serve, app, who, id => playCommand(id, name, who))
    } catch (error) {
      this.#isOver = true
      this.#client.leave()
      throw error
    }
  }

  get play(): PlayInfo | undefined {
    return this.#client.netStream?.playback
  }

  get queuedBytes(): number {
    return this.#output.queuedBytes
  }

  get bytesSent(): number {
    return this.#output.bytesSent
  }

  /** For this viewer alone: it lags, or plays a recording. */
  media(message: RtmpMessage): void {
    this.batch(new MessageBatch([message]))
  }

  batch(batch: MessageBatch): boolean | undefined {
    return this.#isOver || this.#output.take(batch) === true
  }

  status(status: Status, isEnd: boolean): void {
    if (this.#isOver) return
    const { code, description } = status
    if (isOver(status, isEnd, this.#follow)) this.#end(undefined)
    else if (isEnd) this.#end(new StatusError(code, description))
    else this.#output.status?.(status)
  }

  disconnected(reason: Error = closedError()): void {
    this.#end(reason instanceof StatusError ? reason : closedError())
  }

  drained(): void {
    this.#client.messages.taken()
  }

  leave(): void {
    this.#end(undefined)
  }

  #end(reason: StatusError | undefined): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#client.leave()
    this.#output.ended(reason)
  }
}
