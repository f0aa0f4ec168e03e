import { randomUUID } from 'node:crypto'
import { decodeText } from '@rtmpipe/amf'
import type { CallbackRequest, CallbackResponse } from './callback-format.ts'
import type { HttpCallbackOptions } from './callback-options.ts'
import { percentEncoded } from '../../percent-encoding.ts'
import { requestSignature } from './request-signature.ts'
import { httpCallbackDefaults } from '../defaults.ts'
import { Turns } from './turns.ts'

/** Requests to one web server at a time, each on a connection. */
const maxRequests = 64
/** Bytes of an answer. */
const maxBodyLength = 64 * 1024

type SenderOptions = Pick<HttpCallbackOptions, 'timeout' | 'retries' | 'secret' | 'method'>

/**
 * Sends requests with Node's `fetch`, which keeps connections open; with a timeout, and again when there was no answer.
 */
export class CallbackSender {
  /** Milliseconds of one attempt. */
  readonly timeout: number
  /** Attempts at one request. */
  readonly attempts: number
  readonly #secret: string | undefined
  readonly #method: 'GET' | 'POST'
  /** Turns by origin; there are as many origins as the options name. */
  readonly #turns = new Map<string, Turns>()

  constructor({
    timeout = httpCallbackDefaults.timeout,
    retries = httpCallbackDefaults.retries,
    secret,
    method = httpCallbackDefaults.method,
  }: SenderOptions) {
    if (secret === '') throw new TypeError('an empty secret signs nothing')
    this.timeout = timeout
    this.attempts = 1 + retries
    this.#secret = secret
    this.#method = method
  }

  /** Resolves with the answer. @throws the error of the last attempt */
  async send(url: string, request: CallbackRequest, signal?: AbortSignal): Promise<CallbackResponse> {
    const key = randomUUID()
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#attempt(url, request, key, signal)
      } catch (error) {
        if (attempt >= this.attempts || signal?.aborted) throw error
      }
    }
  }

  async #attempt(url: string, request: CallbackRequest, key: string, signal?: AbortSignal): Promise<CallbackResponse> {
    const deadline = new AbortController()
    const late = new DOMException(`no answer within ${this.timeout} ms`, 'TimeoutError')
    const timer = setTimeout(() => deadline.abort(late), this.timeout)
    const end = signal ? AbortSignal.any([deadline.signal, signal]) : deadline.signal
    const turns = this.#turnsAt(new URL(url).origin)
    try {
      await turns.take(end)
      try {
        return await this.#exchange(url, request, key, end)
      } finally {
        // Waits one turn of the event loop, after which the connection can be used again; without it, the next request
        // would open another one.
        setImmediate(() => turns.give())
      }
    } finally {
      clearTimeout(timer)
    }
  }

  async #exchange(url: string, request: CallbackRequest, key: string, signal: AbortSignal): Promise<CallbackResponse> {
    // A user and password of the URL are not sent, and fetch would take none.
    const { origin, pathname, search } = new URL(url)
    const isPost = this.#method === 'POST'
    const text = isPost ? request.body : urlSafe(request.body)
    const query = isPost ? search : `${search}${search === '' ? '?' : '&'}${text}`
    try {
      const { status, headers, body } = await fetch(`${origin}${pathname}${query}`, {
        method: this.#method,
        headers: this.#headers(request.contentType, text, key),
        // An answer that points elsewhere is for the format to read.
        redirect: 'manual',
        signal,
        ...(isPost && { body: text }),
      })
      return { status, location: textOfHeader(headers.get('location') ?? ''), body: await textOf(body) }
    } catch (error) {
      throw signal.aborted ? signal.reason : reasonOf(error)
    }
  }

  /** @param text what is signed: the text as it is sent, because the other side has nothing else */
  #headers(contentType: string, text: string, key: string): Record<string, string> {
    const seconds = Math.floor(Date.now() / 1000)
    return {
      'content-type': contentType,
      'user-agent': 'rtmpipe',
      // An answer is a few bytes; fetch would ask for it compressed.
      'accept-encoding': 'identity',
      'idempotency-key': key,
      ...(this.#secret !== undefined && { 'x-rtmpipe-signature': requestSignature(this.#secret, text, seconds) }),
    }
  }

  #turnsAt(origin: string): Turns {
    let turns = this.#turns.get(origin)
    if (turns === undefined) this.#turns.set(origin, (turns = new Turns(maxRequests)))
    return turns
  }
}

/** Escapes characters that clients sent raw but that a query of a URL can't have, or that would end it. */
function urlSafe(query: string): string {
  return query.replace(/[^!$-&(-;=?-~]+/g, percentEncoded)
}

/** Headers are given byte by byte. */
function textOfHeader(header: string): string {
  return decodeText(Buffer.from(header, 'latin1'))
}

/** The message of an error of `fetch`, which tells the reason only in its cause. */
function reasonOf(error: unknown): unknown {
  return error instanceof TypeError && error.cause instanceof Error ? error.cause : error
}

async function textOf(body: AsyncIterable<Uint8Array> | null): Promise<string> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body ?? []) {
    length += chunk.length
    if (length > maxBodyLength) throw new Error(`an answer of more than ${maxBodyLength} bytes`)
    chunks.push(chunk)
  }
  return decodeText(Buffer.concat(chunks))
}
