/** What workers ask of the process that started them. `key` is what `streamKey` of `@rtmpipe/session` makes of a stream. */
export type WorkerRequest =
  | { readonly type: 'claim'; readonly key: string; readonly request: number }
  /** The claimed stream may be joined; the claim is given back. */
  | { readonly type: 'offer' | 'release'; readonly key: string; readonly epoch: number }
  /** Answers `wanted`: the name is not given up. */
  | { readonly type: 'kept'; readonly key: string; readonly epoch: number }
  | { readonly type: 'watch' | 'unwatch'; readonly key: string }

/** What it answers and tells. */
export type PrimaryMessage =
  /** Answers a claim; epoch 0 refuses. */
  | { readonly type: 'claimed'; readonly request: number; readonly epoch: number }
  /** Another worker claims an offered name: it is released, or `kept`. */
  | { readonly type: 'wanted'; readonly key: string; readonly epoch: number }
  /** Who publishes a watched name; without a path there is nobody to join. */
  | { readonly type: 'owner'; readonly key: string; readonly epoch: number; readonly path?: string }

/** One end of the line between a worker and the process that started it; Node's IPC satisfies it. */
export interface WorkerLine<Out, In> {
  /** Sends a message; all arrive in the order in which they were sent. */
  send(message: Out): void
  /** Gives every message from then on to `take`. */
  onMessage(take: (message: In) => void): void
}
