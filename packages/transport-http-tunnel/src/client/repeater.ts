import { TunnelError } from '../errors.ts'
import { type HttpPoster, type HttpReply, StaleConnection } from './http-poster.ts'
import { passes } from './passing-errors.ts'

/** Milliseconds before a request is made again; doubled each time, up to the longest. */
const FIRST_PAUSE = 20
const LONGEST_PAUSE = 500
/** Milliseconds without a byte of an answer before it is asked for again; doubled each time. */
const FIRST_SILENCE = 3_000

/** What of {@link HttpPoster} is needed to make requests again. */
export type Poster = Pick<HttpPoster, 'post' | 'refresh' | 'abort' | 'close'>

/**
 * Makes a request again, with the same path and body, until it is answered: proxies restart, close connections that
 * are in use, and answer for servers that they do not reach.
 */
export class Repeater {
  readonly #poster: Poster
  readonly #patience: number
  #over = new AbortController()
  #failure: Error | undefined

  /** `patience`: milliseconds until a request that is not answered is given up. */
  constructor(poster: Poster, patience: number) {
    this.#poster = poster
    this.#patience = patience
  }

  /** Why a request was made again last. */
  get failure(): Error | undefined {
    return this.#failure
  }

  /**
   * `name` is what the error calls the request; `again` tells which errors may pass.
   *
   * @throws TunnelError `RTMP_ERR_TUNNEL_UNREACHABLE` when patience ends; at once what will not pass
   */
  async post(
    name: string,
    path: string,
    body: Uint8Array,
    again: (error: Error) => boolean = passes,
  ): Promise<HttpReply> {
    const { signal } = this.#over
    const deadline = performance.now() + this.#patience
    let pause = FIRST_PAUSE
    let silence = FIRST_SILENCE
    for (let attempt = 1; ; attempt++) {
      const left = Math.max(1, deadline - performance.now())
      let failure: Error
      try {
        return await this.#poster.post(path, body, Math.min(silence, left))
      } catch (error) {
        failure = error as Error
      }
      if (signal.aborted) throw failure
      const stale = failure instanceof StaleConnection
      if (!stale && !again(failure)) throw failure
      this.#failure = failure
      this.#poster.refresh()
      if (isSilence(failure)) silence *= 2
      // A connection that was closed while nobody used it says nothing of the server: there is nothing to wait for.
      const wait = stale && attempt === 1 ? 0 : pause
      if (performance.now() + wait >= deadline) throw unreachable(name, attempt, this.#patience, failure)
      if (wait === 0) continue
      await sleep(wait, signal)
      if (signal.aborted) throw failure
      pause = Math.min(LONGEST_PAUSE, pause * 2)
    }
  }

  /** Makes nothing again of what is under way, which may still be answered. */
  settle(): void {
    this.#over.abort()
    this.#over = new AbortController()
  }

  /** Gives up what is under way. */
  abort(): void {
    this.settle()
    this.#poster.abort()
  }

  /** Closes the connections, for good. */
  close(): void {
    this.settle()
    this.#poster.close()
  }
}

function isSilence(error: Error): boolean {
  return error instanceof TunnelError && error.code === 'RTMP_ERR_TUNNEL_TIMEOUT'
}

function unreachable(name: string, attempts: number, patience: number, cause: Error): TunnelError {
  const message = `${name} was not answered for ${patience} ms, asked ${attempts} times; last: ${cause.message}`
  const { status } = cause as { status?: number }
  return new TunnelError('RTMP_ERR_TUNNEL_UNREACHABLE', message, {
    cause: cause instanceof StaleConnection ? cause.cause : cause,
    ...(status !== undefined && { status }),
  })
}

function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, milliseconds)
    signal.addEventListener('abort', done)
  })
}
