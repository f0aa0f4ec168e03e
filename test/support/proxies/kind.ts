/** A file of docs/proxies, and how its program is started with it. */
export interface Kind {
  readonly file: string
  /** Puts our ports, and paths that we may write to, where its own are. */
  readonly replace: readonly Replacement[]
  start(config: string, place: Place): { file: string; args: readonly string[] }
  /** The port that answers when it is ready. */
  readonly ready: 'http' | 'https'
}

/** Where connections of forward proxies come from: a client that has gone without them shows another address. */
export const forwarding = '127.0.0.3'

/** Every pattern must be found. */
export type Replacement = readonly [from: RegExp, to: (place: Place) => string]

/** Where a proxy listens and what is behind it, on 127.0.0.1. */
export interface Place {
  readonly http: number
  readonly https: number
  readonly rtmp: number
  readonly upstreamHttp: number
  readonly upstreamRtmp: number
  readonly folder: string
}
