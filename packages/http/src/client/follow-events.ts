import type { ServerEvent } from '../report/report.ts'
import { ApiError } from './api-error.ts'
import { EventParser, type SentEvent } from './event-parser.ts'

/** What to follow, and from where on. */
export interface EventsOptions {
  /** Only events of these types; all without it. */
  readonly types?: readonly ServerEvent['type'][]
  /** Only events of this stream: its id. */
  readonly stream?: string
  /** Ends the iteration. */
  readonly signal?: AbortSignal
  /**
   * Called when there were events that can not be told any more, as after an hour without a line, or when the server has
   * begun anew: what was read before may be out of date.
   */
  readonly missed?: () => void
}

/** Milliseconds without a byte, after which a line is taken for dead: the server says something every 15 seconds. */
const patience = 45_000
/** Milliseconds before the first attempt to come back, and the most. */
const pauses = { first: 1_000, most: 30_000 }

/**
 * Events as they happen. When the line is lost it comes back by itself, and goes on where it was.
 *
 * @param open asks for the stream of events behind `lastEventId`
 * @throws ApiError when the server does not want to tell; what `open` throws when it can not be reached at first
 */
export async function* followEvents(
  open: (lastEventId: string | undefined, signal: AbortSignal) => Promise<Response>,
  { signal, missed }: EventsOptions,
): AsyncGenerator<ServerEvent, void> {
  let last: string | undefined
  let failures = 0
  for (let isFirst = true; !signal?.aborted; isFirst = false) {
    const line = new AbortController()
    const cut = () => line.abort()
    signal?.addEventListener('abort', cut)
    let wait: number | undefined
    try {
      const answer = await open(last, line.signal)
      if (!answer.ok) throw await ApiError.of(answer)
      failures = 0
      for await (const { event, data, id } of sentEvents(answer, cut)) {
        if (id !== '') last = id
        if (event === 'missed') missed?.()
        else if (data !== '') yield JSON.parse(data) as ServerEvent
      }
    } catch (error) {
      if (signal?.aborted) return
      if (isFirst || (error instanceof ApiError && !mayPass(error))) throw error
      wait = error instanceof ApiError ? error.retryAfter : undefined
    } finally {
      signal?.removeEventListener('abort', cut)
      // Also when nobody wants more.
      line.abort()
    }
    await pause(wait ?? Math.min(pauses.first * 2 ** failures++, pauses.most), signal)
  }
}

/** What the body says, until it ends; `cut` is called when nothing comes for too long. */
async function* sentEvents({ body }: Response, cut: () => void): AsyncGenerator<SentEvent> {
  if (body === null) return
  const parser = new EventParser()
  const decoder = new TextDecoder()
  const reader = body.getReader()
  for (;;) {
    const timer = setTimeout(cut, patience)
    const { value } = await reader.read().finally(() => clearTimeout(timer))
    if (value === undefined) return
    yield* parser.push(decoder.decode(value as Uint8Array, { stream: true }))
  }
}

/** True of what may be otherwise in a while. */
function mayPass({ status }: ApiError): boolean {
  return status === 429 || status >= 500
}

async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  if (signal?.aborted) return
  await new Promise<void>(resolve => {
    const end = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, milliseconds)
    signal?.addEventListener('abort', end)
  })
}
