import type { LiveStream } from '@rtmpipe/session'
import type { Readable } from 'node:stream'

/** Which stream: application and stream name, after renames. */
export interface StreamKey {
  readonly app: string
  readonly streamName: string
}

/** The right to publish a name, held by one process at a time. */
export interface Claim {
  readonly key: StreamKey
  /** Later claims of a name have greater numbers. */
  readonly epoch: number
  /** Aborted when somebody else has the name now. */
  readonly lost: AbortSignal
  /** Gives the name back, and ends what was offered under it. Idempotent. */
  release(): Promise<void>
}

/** What another process publishes. */
export interface JoinedStream {
  readonly epoch: number
  /** Metadata, headers and the cached pictures, then the live messages; ends with the publish. */
  readonly messages: Readable
}

/**
 * How live streams reach other processes: the small interface that carriers implement. Everything a viewer needs comes
 * from the process that publishes; there is no other truth about what is live.
 */
export interface Fabric extends AsyncDisposable {
  /** Takes the right to publish a name; undefined when another publisher has it. */
  claim(key: StreamKey, how?: { readonly signal?: AbortSignal }): Promise<Claim | undefined>
  /** Hands a stream to whoever joins, until the claim is released. */
  offer(claim: Claim, stream: LiveStream): void
  /** What others publish under a name: once for each publish, now and later, until aborted. Never what this process offers. */
  join(key: StreamKey, how: { readonly signal: AbortSignal }): AsyncIterable<JoinedStream>
}

/** One string per key; names contain no NUL. */
export function keyText({ app, streamName }: StreamKey): string {
  return `${app}\0${streamName}`
}
