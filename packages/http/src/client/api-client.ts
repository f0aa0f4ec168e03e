import type { filters } from '../api/filters.ts'
import type { EndStatus } from '../report/reports.ts'
import type {
  ConnectionReport,
  PlayerReport,
  RecordingReport,
  RefusalReport,
  RelayReport,
  ServerEvent,
  ServerReport,
  StreamReport,
} from '../report/report.ts'
import { ApiError } from './api-error.ts'
import { type EventsOptions, followEvents } from './follow-events.ts'

/** Whom to ask, and as whom. */
export interface ApiClientOptions {
  /** Of the server, such as `http://127.0.0.1:8080`; without it that of the page, in a browser. */
  readonly url?: string | URL
  /** The admin token. A page that has logged in needs none. */
  readonly token?: string
  /** More headers for each request, such as `X-CSRF-Token`. */
  readonly headers?: () => Readonly<Record<string, string>>
  /** Milliseconds that an answer may take. Default: 10,000. */
  readonly timeout?: number
  /** Instead of the `fetch` that there is. */
  readonly fetch?: typeof fetch
}

type Filter<T, Name extends keyof T> = { readonly [K in Name]?: NonNullable<T[K]> } & {
  /** The most to read; all without it. */
  readonly limit?: number
}
type Names<List extends keyof typeof filters> = (typeof filters)[List][number]

/** Which connections to read. */
export type ConnectionFilter = Filter<ConnectionReport, Names<'connections'>>
/** Which streams to read. */
export type StreamFilter = Filter<StreamReport, Names<'streams'>>
/** Which players to read. */
export type PlayerFilter = Filter<PlayerReport, Names<'players'>>
/** Which recordings to read. */
export type RecordingFilter = Filter<RecordingReport, Names<'recordings'>>
/** Which relays to read. */
export type RelayFilter = Filter<RelayReport, Names<'relays'>>
/** Which refusals to read. */
export type RefusalFilter = Filter<RefusalReport, Names<'refusals'>>

/** The API of a server. Every method throws an {@link ApiError} for what the server refuses. */
export interface ApiClient {
  /** The server as a whole. */
  server(): Promise<ServerReport>
  /** The configuration as JSON, with secrets masked. */
  configuration(): Promise<unknown>
  /** Clients' connections. */
  connections(filter?: ConnectionFilter): Promise<readonly ConnectionReport[]>
  /** One of them. */
  connection(id: string): Promise<ConnectionReport>
  /** Live streams. */
  streams(filter?: StreamFilter): Promise<readonly StreamReport[]>
  /** One of them. @param id `app/name` */
  stream(id: string): Promise<StreamReport>
  /** Plays in progress. */
  players(filter?: PlayerFilter): Promise<readonly PlayerReport[]>
  /** One of them. */
  player(id: string): Promise<PlayerReport>
  /** Recordings in progress. */
  recordings(filter?: RecordingFilter): Promise<readonly RecordingReport[]>
  /** One of them. */
  recording(id: string): Promise<RecordingReport>
  /** Relays, in whatever state. */
  relays(filter?: RelayFilter): Promise<readonly RelayReport[]>
  /** One of them. */
  relay(id: string): Promise<RelayReport>
  /** The newest 1,000, newest first. */
  refusals(filter?: RefusalFilter): Promise<readonly RefusalReport[]>
  /** One of them. */
  refusal(id: number): Promise<RefusalReport>
  /** Disconnects a client. @param status what it is told */
  endConnection(id: string, status?: Partial<EndStatus>): Promise<void>
  /** Ends a stream; its publisher stays connected. @param id `app/name` */
  endStream(id: string, status?: Partial<EndStatus>): Promise<void>
  /** Ends a play; its client stays connected. */
  endPlayer(id: string, status?: Partial<EndStatus>): Promise<void>
  /** Starts to record a live stream. @returns the id of the recording, if it has one yet */
  startRecording(stream: string): Promise<string | undefined>
  /** Ends a recording; its file stays. */
  endRecording(id: string): Promise<void>
  /** Publishes a stream at another server too. @returns the id of the relay, if it has one yet */
  startRelay(stream: string, url: string): Promise<string | undefined>
  /** Lets a relay publish elsewhere. */
  changeRelay(id: string, url: string): Promise<void>
  /** Ends a relay. */
  endRelay(id: string): Promise<void>
  /** Lets the server read its configuration again. */
  reload(): Promise<void>
  /** Lets the server end when all have left; with `timeout`, those who are there after so many milliseconds have to. */
  drain(options?: { readonly timeout?: number }): Promise<void>
  /** What happens, as it happens; comes back by itself when the line is lost. */
  events(options?: EventsOptions): AsyncGenerator<ServerEvent, void>
}

/** Most entries of one answer, as the API has it. */
const pageSize = 10_000

/** A client of the API, for Node and for browsers. */
export function apiClient(options: ApiClientOptions = {}): ApiClient {
  const { url = '', token, headers, timeout = 10_000 } = options
  const base = `${String(url).replace(/\/+$/, '')}/api/v1`

  const send = async (path: string, init: RequestInit): Promise<Response> => {
    const call = options.fetch ?? fetch
    return call(base + path, {
      ...init,
      headers: {
        ...(token !== undefined && { Authorization: `Bearer ${token}` }),
        ...headers?.(),
        ...(init.headers as Record<string, string> | undefined),
      },
    })
  }
  const ask = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const answer = await send(path, {
      method,
      signal: AbortSignal.timeout(timeout),
      ...(body !== undefined && { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
    })
    if (!answer.ok) throw await ApiError.of(answer)
    const text = await answer.text()
    return (text === '' ? undefined : JSON.parse(text)) as T
  }
  const read = async <T>(path: string): Promise<T> => ask('GET', path)
  const all = async <T>(path: string, { limit = Infinity, ...filter }: Query & { readonly limit?: number } = {}) => {
    const items: T[] = []
    for (let after: string | undefined; items.length < limit; ) {
      const query = queryText({ ...filter, limit: Math.min(limit - items.length, pageSize), after })
      const page = await read<{ items: readonly T[]; next?: string }>(path + query)
      items.push(...page.items)
      after = page.next
      if (after === undefined) break
    }
    return items
  }
  const started = async (path: string, body: object) => (await ask<{ id?: string }>('POST', path, body)).id

  return {
    server: async () => read('/server'),
    configuration: async () => read('/configuration'),
    connections: async filter => all('/connections', filter),
    connection: async id => read(`/connections/${idText(id)}`),
    streams: async filter => all('/streams', filter),
    stream: async id => read(`/streams/${idText(id)}`),
    players: async filter => all('/players', filter),
    player: async id => read(`/players/${idText(id)}`),
    recordings: async filter => all('/recordings', filter),
    recording: async id => read(`/recordings/${idText(id)}`),
    relays: async filter => all('/relays', filter),
    relay: async id => read(`/relays/${idText(id)}`),
    refusals: async filter => all('/refusals', filter),
    refusal: async id => read(`/refusals/${id}`),
    endConnection: async (id, status) => ask('DELETE', `/connections/${idText(id)}`, status),
    endStream: async (id, status) => ask('DELETE', `/streams/${idText(id)}`, status),
    endPlayer: async (id, status) => ask('DELETE', `/players/${idText(id)}`, status),
    startRecording: async stream => started('/recordings', { stream }),
    endRecording: async id => ask('DELETE', `/recordings/${idText(id)}`),
    startRelay: async (stream, to) => started('/relays', { stream, url: to }),
    changeRelay: async (id, to) => ask('PATCH', `/relays/${idText(id)}`, { url: to }),
    endRelay: async id => ask('DELETE', `/relays/${idText(id)}`),
    reload: async () => ask('POST', '/reload'),
    drain: async body => ask('POST', '/drain', body),
    events(wanted = {}) {
      const { types = [], stream } = wanted
      const path = `/events${queryText({ type: types.join(',') || undefined, stream })}`
      const open = async (lastEventId: string | undefined, signal: AbortSignal) =>
        send(path, { signal, ...(lastEventId !== undefined && { headers: { 'Last-Event-ID': lastEventId } }) })
      return followEvents(open, wanted)
    },
  }
}

type Query = Readonly<Record<string, string | number | boolean | undefined>>

function queryText(query: Query): string {
  const given = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value !== undefined) given.set(name, String(value))
  return given.size === 0 ? '' : `?${given.toString()}`
}

/** Slashes are left to be seen, unless what is between them would be taken for a step in the path. */
function idText(id: string): string {
  const parts = id.split('/')
  const isPlain = parts.every(part => part !== '' && part !== '.' && part !== '..')
  return isPlain ? parts.map(encodeURIComponent).join('/') : encodeURIComponent(id)
}
