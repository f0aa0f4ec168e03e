import type { Logger, StreamKey, StreamView } from '@rtmpipe/session'
import type { Readable } from 'node:stream'
import type { Exchange } from './exchange.ts'

/** The right to publish a name, held by one process at a time. */
export interface Claim {
  /** The name that it is for, after renames. */
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
  /** Of the claim it is published under. */
  readonly epoch: number
  /**
   * Metadata, headers and the cached pictures, then the live messages, discontinuity marks included; ends with the
   * publish. Fails, for example with {@link StreamLostError}, when its process is gone or the reader lags too far behind.
   * Destroy it to leave.
   */
  readonly messages: Readable
}

/**
 * How live streams reach other processes: the small interface that carriers implement. Everything a viewer needs comes
 * from the process that publishes; there is no other truth about what is live. The compliance suite in
 * `@rtmpipe/cluster/testing` checks what is promised here.
 */
export interface Fabric extends AsyncDisposable {
  /**
   * Milliseconds that a claim may take: for an election of who keeps the names, or until a process that does not answer is
   * known to be dead. Default the server's limit `hookTimeout`, which counts if it is more.
   */
  readonly claimTimeout?: number
  /**
   * Takes the right to publish a name; undefined when another publisher has it, who does not make way. The signal ends the waiting; a claim that
   * comes all the same is the caller's to release.
   */
  claim(key: StreamKey, how?: { readonly signal?: AbortSignal }): Promise<Claim | undefined>
  /**
   * Hands a stream to whoever joins, until the claim is released. Nothing happens when it has been already.
   *
   * @param makesWay asked when another process claims the name; true if the publish is being ended, so that the claim is
   *   about to be released and can be given to the other. Default: it never does
   */
  offer(claim: Claim, stream: StreamView, makesWay?: () => boolean): void
  /**
   * What others publish under a name, now and later: each publish once, and again when its messages failed while it went
   * on. Never what this process offers. Ends when it is aborted or the fabric disposed; what was joined goes on until it
   * is destroyed. A network that is down is waited for: this does not fail.
   */
  join(key: StreamKey, how: { readonly signal: AbortSignal }): AsyncIterable<JoinedStream>
  /** For what is no stream, where the carrier has it: tunnel requests that came to the wrong machine. */
  readonly exchange?: Exchange | undefined
  /** Where it is to log: told by the server that uses it, before anything else. */
  logTo?(log: Logger): void
  /** Gives back every name this process has, and ends what others have joined of it. */
  [Symbol.asyncDispose](): Promise<void>
}
