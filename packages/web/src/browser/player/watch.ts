import { UsageError } from '@rtmpipe/chunk-stream'
import {
  type PlayStream,
  type RtmpClient,
  type RtmpMessage,
  splitStreamUrl,
  StatusError,
} from '@rtmpipe/session/client'
import { backoff } from './backoff.ts'

/** What is told of a stream on its way here. */
export type WatchMessage =
  /** The server has agreed. */
  | { readonly type: 'started' }
  /** The connection is lost; in so many milliseconds it is tried again. */
  | { readonly type: 'reconnect'; readonly attempt: number; readonly delay: number; readonly reason: string }
  /** The publisher is away. */
  | { readonly type: 'away' }
  | { readonly type: 'end' }
  | { readonly type: 'error'; readonly code: string; readonly message: string }

/** Takes what is played; the next message comes when the promise has resolved. */
export interface Taker {
  /** What comes is from another connection. */
  cut(): void
  take(message: RtmpMessage): Promise<void>
}

type Post = (message: WatchMessage) => void

/** Connects to an application. */
export type Connect = (url: string, options: { readonly signal: AbortSignal }) => Promise<RtmpClient>

/** Milliseconds that a connection may take to close behind the end of what was played on it. */
const closing = 300
/** Statuses that say no more than that the connection is gone. */
const lost: ReadonlySet<string> = new Set([
  'NetConnection.Connect.AppShutdown',
  'NetConnection.Connect.Closed',
  'NetConnection.Connect.IdleTimeout',
  'NetStream.Play.InsufficientBW',
])

/** Plays a URL until it ends, the server refuses, or nobody wants it any more; a connection that is lost is made again. */
export class Watch {
  readonly #taker: Taker
  readonly #post: Post
  readonly #connect: Connect
  readonly #closed = new AbortController()

  constructor(taker: Taker, post: Post, connect: Connect) {
    this.#taker = taker
    this.#post = post
    this.#connect = connect
  }

  /** Never rejects: what goes wrong is told. */
  async play(url: string): Promise<void> {
    const { signal } = this.#closed
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      let reason = 'the server has closed the connection'
      try {
        const isOver = await this.#playOnce(url, () => (attempt = 0))
        if (signal.aborted) return
        if (isOver) return this.#post({ type: 'end' })
      } catch (error) {
        if (signal.aborted) return
        if (isFinal(error)) return this.#post({ type: 'error', ...textOf(error) })
        reason = (error as Error).message
      }
      const delay = Math.round(backoff(attempt))
      this.#post({ type: 'reconnect', attempt: attempt + 1, delay, reason })
      await wait(delay, signal)
    }
  }

  close(): void {
    this.#closed.abort()
  }

  /** Resolves with false if the connection is lost. @param came is called with the first message */
  async #playOnce(url: string, came: () => void): Promise<boolean> {
    const { signal } = this.#closed
    const { appUrl, streamName } = splitStreamUrl(url)
    const client = await this.#connect(appUrl, { signal })
    try {
      const stream = await client.play(streamName, { follow: true })
      this.#post({ type: 'started' })
      this.#taker.cut()
      const isOver = await playStream(stream, this.#taker, this.#post, came)
      return isOver && !(await isGone(client, signal))
    } finally {
      await client.close()
    }
  }
}

/**
 * Resolves with true if the server said that it is over.
 *
 * @param came is called with the first message
 */
export async function playStream(
  stream: PlayStream,
  taker: Taker,
  post: Post,
  came: () => void = () => {},
): Promise<boolean> {
  let isOver = false
  stream.on('status', ({ code }: { code: string }) => {
    if (code === 'NetStream.Play.UnpublishNotify') post({ type: 'away' })
    isOver ||= code === 'NetStream.Play.Stop' || code === 'NetStream.Play.Complete'
  })
  for await (const message of stream) {
    came()
    await taker.take(message)
  }
  return isOver
}

/** True if the connection closes, too: a server that ends says so of each stream before. */
async function isGone({ messages }: RtmpClient, signal: AbortSignal): Promise<boolean> {
  await Promise.race([new Promise(resolve => messages.once('close', resolve)), wait(closing, signal)])
  return messages.destroyed
}

function isFinal(error: unknown): boolean {
  return error instanceof UsageError || (error instanceof StatusError && !lost.has(error.statusCode))
}

function textOf(error: unknown): { code: string; message: string } {
  if (error instanceof StatusError) {
    return { code: error.statusCode, message: error.description === '' ? error.statusCode : error.description }
  }
  return { code: (error as { code?: string }).code ?? 'RTMP_ERR_PLAYER', message: (error as Error).message }
}

function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, milliseconds)
    signal.addEventListener('abort', done)
    if (signal.aborted) done()
  })
}
