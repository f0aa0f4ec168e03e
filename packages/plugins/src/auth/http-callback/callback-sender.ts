import { randomUUID } from 'node:crypto'
import type { Dispatcher } from 'undici'
import type { CallbackRequest, CallbackResponse } from './callback-format.ts'
import type { HttpCallbackOptions } from './callback-options.ts'
import { percentEncoded } from '../../percent-encoded.ts'
import { requestSignature } from './request-signature.ts'
import { httpCallbackDefaults } from '../defaults.ts'

/** Connections to one web server at a time. */
const maxSockets = 64
/** Bytes of an answer. */
const maxBodyLength = 64 * 1024

type SenderOptions = Pick<HttpCallbackOptions, 'timeout' | 'retries' | 'secret' | 'method'>

/** Sends requests: within a time, again when nobody answered, over connections that are kept. */
export class CallbackSender {
  /** Milliseconds of one attempt. */
  readonly timeout: number
  /** Attempts at one request. */
  readonly attempts: number
  readonly #secret: string | undefined
  readonly #given: Dispatcher | undefined
  readonly #method: 'GET' | 'POST'
  #own: Promise<Dispatcher> | undefined

  /** @param dispatcher what sends, if not an agent of its own */
  constructor(
    {
      timeout = httpCallbackDefaults.timeout,
      retries = httpCallbackDefaults.retries,
      secret,
      method = httpCallbackDefaults.method,
    }: SenderOptions,
    dispatcher?: Dispatcher,
  ) {
    if (secret === '') throw new TypeError('an empty secret signs nothing')
    this.timeout = timeout
    this.attempts = 1 + retries
    this.#secret = secret
    this.#given = dispatcher
    this.#method = method
  }

  /** The answer. @throws what kept the last attempt from one */
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

  /** Lets requests come to their end and closes the connections; the next request opens new ones. */
  async close(): Promise<void> {
    const own = this.#own
    this.#own = undefined
    await (await own)?.close()
  }

  async #attempt(url: string, request: CallbackRequest, key: string, signal?: AbortSignal): Promise<CallbackResponse> {
    const dispatcher = this.#given ?? (await (this.#own ??= ownAgent()))
    const { origin, pathname, search } = new URL(url)
    const text = this.#method === 'POST' ? request.body : urlSafe(request.body)
    const deadline = new AbortController()
    const late = new DOMException(`no answer within ${this.timeout} ms`, 'TimeoutError')
    const timer = setTimeout(() => deadline.abort(late), this.timeout)
    try {
      const { statusCode, headers, body } = await dispatcher.request({
        origin,
        ...(this.#method === 'POST'
          ? { method: 'POST', path: pathname + search, body: text }
          : { method: 'GET', path: `${pathname}${search}${search === '' ? '?' : '&'}${text}` }),
        headers: this.#headers(request.contentType, text, key),
        signal: signal ? AbortSignal.any([deadline.signal, signal]) : deadline.signal,
      })
      const location = headers['location']
      return {
        status: statusCode,
        location: typeof location === 'string' ? location : '',
        body: await textOf(body),
      }
    } finally {
      clearTimeout(timer)
    }
  }

  /** @param text what is signed: as it crosses the line, which is all that the other side has */
  #headers(contentType: string, text: string, key: string): Record<string, string> {
    const seconds = Math.floor(Date.now() / 1000)
    return {
      'content-type': contentType,
      'user-agent': 'rtmpipe',
      'idempotency-key': key,
      ...(this.#secret !== undefined && { 'x-rtmpipe-signature': requestSignature(this.#secret, text, seconds) }),
    }
  }
}

/** What clients sent raw may have what no request line can. */
function urlSafe(query: string): string {
  return query.replace(/[^!-~]+/g, percentEncoded)
}

/** Loaded with the first request: who asks nobody pays nothing. */
async function ownAgent(): Promise<Dispatcher> {
  const { Agent } = await import('undici')
  return new Agent({ connections: maxSockets })
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body) {
    length += chunk.length
    if (length > maxBodyLength) throw new Error(`an answer of more than ${maxBodyLength} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}
