import type { RefusalReport } from '@rtmpipe/http'
import { expire, session } from './session.ts'

/** What the server said no to, in its own words. */
export class Refused extends Error {}

async function request(method: string, path: string, body?: unknown): Promise<Response> {
  const headers: Record<string, string> = { 'x-csrf-token': session.value?.csrf ?? '' }
  if (body !== undefined) headers['content-type'] = 'application/json'
  const answer = await fetch(`/api/v1/${path}`, {
    method,
    headers,
    cache: 'no-store',
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  if (answer.status === 401) expire()
  if (!answer.ok) throw new Refused(await problemOf(answer))
  return answer
}

/** The sentence of a problem document, or the status alone. */
async function problemOf(answer: Response): Promise<string> {
  try {
    const { title, detail } = (await answer.json()) as { title?: unknown; detail?: unknown }
    const text = detail ?? title
    if (typeof text === 'string') return text
  } catch {
    // No problem document: a proxy may have answered.
  }
  return `${answer.status} ${answer.statusText}`
}

const at = encodeURIComponent

/** Everything that the dashboard asks for and does, beside following events. */
export const api = {
  refusals: async (): Promise<readonly RefusalReport[]> =>
    ((await (await request('GET', 'refusals')).json()) as { readonly items: readonly RefusalReport[] }).items,
  endConnection: (id: string): Promise<unknown> => request('DELETE', `connections/${at(id)}`),
  endStream: (id: string): Promise<unknown> => request('DELETE', `streams/${at(id)}`),
  endPlayer: (id: string): Promise<unknown> => request('DELETE', `players/${at(id)}`),
  startRecording: (stream: string): Promise<unknown> => request('POST', 'recordings', { stream }),
  endRecording: (id: string): Promise<unknown> => request('DELETE', `recordings/${at(id)}`),
  startRelay: (stream: string, url: string): Promise<unknown> => request('POST', 'relays', { stream, url }),
  changeRelay: (id: string, url: string): Promise<unknown> => request('PATCH', `relays/${at(id)}`, { url }),
  endRelay: (id: string): Promise<unknown> => request('DELETE', `relays/${at(id)}`),
  drain: (): Promise<unknown> => request('POST', 'drain'),
}
