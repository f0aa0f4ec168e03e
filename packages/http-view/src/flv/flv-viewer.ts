import type { MessageBatch } from '@rtmpipe/chunk-stream'
import { FlvMuxer } from '@rtmpipe/flv'
import type { StatusError, View, ViewOutput } from '@rtmpipe/session'
import type { Carrier } from './carrier.ts'
import { flvHeaderOf } from './flv-header.ts'
import { type FlvPacker, packed } from './flv-packer.ts'
import type { Wanted } from './wanted.ts'

const muxer = new FlvMuxer()

/** Shows a stream to one viewer as FLV. It is let in with the first messages: until then it can be refused. */
export class FlvViewer implements ViewOutput {
  readonly #carrier: Carrier
  readonly #packer: FlvPacker
  readonly #wanted: Wanted
  readonly #over: (reason: StatusError | undefined) => void
  #view: View | undefined
  #hasBegun = false

  /** @param over called at the end, also of a viewer that was never let in */
  constructor(
    makeCarrier: (drained: () => void) => Carrier,
    packer: FlvPacker,
    wanted: Wanted,
    over: (reason: StatusError | undefined) => void,
  ) {
    this.#carrier = makeCarrier(this.drained)
    this.#packer = packer
    this.#wanted = wanted
    this.#over = over
  }

  /** What viewers by this way are counted as. */
  get transport(): string {
    return this.#carrier.name
  }

  /** Whether the viewer has been let in. */
  get hasBegun(): boolean {
    return this.#hasBegun
  }

  get queuedBytes(): number {
    return this.#carrier.queuedBytes
  }

  get bytesSent(): number {
    return this.#carrier.bytesSent
  }

  /** What it is given is of this view. */
  belongTo(view: View): void {
    this.#view = view
    // Of what was sent before, it could not be told.
    this.drained()
  }

  /** Nothing is queued any more. */
  readonly drained = (): void => {
    if (this.#carrier.queuedBytes === 0) this.#view?.drained()
  }

  take(batch: MessageBatch): boolean {
    const tags = this.#packer.pack(batch, this.#wanted)
    if (tags === undefined) return this.#carrier.queuedBytes === 0
    if (!this.#hasBegun) {
      this.#hasBegun = true
      this.#carrier.begin()
      this.#carrier.send(packed([muxer.header(flvHeaderOf(batch.lentMessages, this.#wanted))]))
    }
    return this.#carrier.send(tags)
  }

  ended(reason: StatusError | undefined): void {
    if (reason?.statusCode === 'NetStream.Play.InsufficientBW') this.#carrier.cut()
    else if (this.#hasBegun) this.#carrier.end()
    this.#over(reason)
  }
}
