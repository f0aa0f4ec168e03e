import { batch, computed, effect, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import type {
  ConnectionReport,
  LiveReport,
  PlayerReport,
  RefusalReport,
  ServerEvent,
  ServerReport,
  StreamReport,
} from '@rtmpipe/http'
import { api } from './api.ts'
import { place } from './place.ts'
import { Rates } from './rates.ts'
import { ServerNumbers } from './server-numbers.ts'
import { askSession } from './session.ts'

/** Seconds between the reports that we ask for. */
const interval = 2
/** Milliseconds without a line before it is said to be lost. */
const patience = 4000
/** Milliseconds between two questions whether we are still signed in. */
const sessionInterval = 5 * 60_000
/** How many events and refusals are kept, as many as the server keeps. */
const most = 1000
/** How many connections are kept, whether they are still there or not. */
const mostConnections = 50_000

/** What the server tells of itself, as new as it can be. */
export const server: Signal<ServerReport | undefined> = signal(undefined)
export const streams: Signal<readonly StreamReport[]> = signal([])
/** Of the opened stream, or of all on the page of viewers. */
export const players: Signal<readonly PlayerReport[]> = signal([])
/** By id, as far as we were told. */
export const connections: Signal<ReadonlyMap<string, ConnectionReport>> = signal(new Map())
/** Oldest first. */
export const events: Signal<readonly ServerEvent[]> = signal([])
/** Newest first. */
export const refusals: Signal<readonly RefusalReport[]> = signal([])
/** Where encoders connect to, as far as the server's configuration says. */
export const rtmpPort: Signal<number> = signal(1935)
export const line: Signal<'connecting' | 'live' | 'lost'> = signal('connecting')
/** The time by the newest report. */
export const now: Signal<number> = signal(Date.now())

/** The bit rates of streams by id, and the server's numbers by name, for graphs. */
export const streamRates: Rates = new Rates()
export const serverRates: Rates = new Rates()

/** Whose players we want to be told of. */
const wanted: ReadonlySignal<string | undefined> = computed(() => {
  const { page, stream } = place.value
  return page === 'viewers' ? '*' : stream
})

/** Goes up when the line has to be opened anew. */
const attempt: Signal<number> = signal(0)

let current: EventSource | undefined
let alarm: ReturnType<typeof setTimeout> | undefined
/** Of the newest event; `0` asks for all that are known. */
let lastId = '0'
/** Whose players we have been told of. */
let told: string | undefined
const numbers = new ServerNumbers()

/** Follows the server until the returned function is called. */
export function follow(): () => void {
  readRefusals()
  readPort()
  // A session that is not used ends, and following events is one request.
  const timer = setInterval(() => void askSession(), sessionInterval)
  const stop = effect(() => {
    void attempt.value
    if (told !== wanted.value) players.value = []
    told = wanted.value
    const source = open(wanted.value)
    current = source
    return () => {
      source.close()
      current = undefined
    }
  })
  return () => {
    clearInterval(timer)
    calm()
    stop()
  }
}

function calm(): void {
  clearTimeout(alarm)
  alarm = undefined
}

/** Opens the line again, which asks for what has happened since. */
function openAgain(): void {
  attempt.value++
}

function open(stream: string | undefined): EventSource {
  const query = new URLSearchParams({ report: String(interval), after: lastId, type: types.join() })
  if (stream !== undefined) query.set('players', stream)
  const source = new EventSource(`/api/v1/events?${query}`)
  source.addEventListener('open', () => {
    calm()
    line.value = 'live'
  })
  source.addEventListener('error', () => {
    // The server ends the line now and then, to see whether we are still signed in: that is no loss.
    alarm ??= setTimeout(() => (line.value = 'lost'), patience)
    void askSession()
    // After an answer that is no stream of events, the browser does not try again by itself.
    if (source.readyState === EventSource.CLOSED) setTimeout(() => source === current && openAgain(), 3000)
  })
  source.addEventListener('report', ({ data }: MessageEvent<string>) => takeReport(JSON.parse(data) as LiveReport))
  source.addEventListener('missed', readRefusals)
  for (const type of types) {
    source.addEventListener(type, ({ data, lastEventId }: MessageEvent<string>) => {
      if (lastId !== '0' && serverOf(lastEventId) !== serverOf(lastId)) forget()
      lastId = lastEventId
      takeEvent(JSON.parse(data) as ServerEvent)
    })
  }
  return source
}

/** Without those of viewers and connections: on a large server they would push out all others. */
const types: readonly ServerEvent['type'][] = [
  'publish.start',
  'publish.end',
  'stream.start',
  'stream.end',
  'refusal',
  'recording.start',
  'recording.end',
  'relay.change',
  'draining',
]

/** The start of the server stands before the numbers of its events. */
function serverOf(eventId: string): string {
  return eventId.replace(/-?\d+$/, '')
}

/** The server is another one than before. */
function forget(): void {
  waiting.length = 0
  events.value = []
  refusals.value = []
  connections.value = new Map()
  readRefusals()
}

function takeReport(report: LiveReport): void {
  batch(() => {
    now.value = Date.now()
    server.value = report.server
    streams.value = report.streams
    if (report.players !== undefined) players.value = report.players
    if (report.connections !== undefined && report.connections.length > 0) {
      connections.value = withNew(report.connections)
    }
    streamRates.add(report.streams.map(({ id, bitRate }) => [id, bitRate]))
    serverRates.add(Object.entries(numbers.of(report.server, performance.now())))
  })
}

function readPort(): void {
  void api.configuration().then(
    configuration => {
      const { rtmp } = configuration as { readonly rtmp?: unknown }
      if (typeof rtmp === 'number' && rtmp > 0) rtmpPort.value = rtmp
    },
    // A server that was made by a program has no configuration.
    () => undefined,
  )
}

function readRefusals(): void {
  const known = new Set(refusals.value)
  void api.refusals().then(
    // Those that have come meanwhile may not be in the answer.
    list =>
      (refusals.value = merged(
        list,
        refusals.value.filter(each => !known.has(each)),
      )),
    () => undefined,
  )
}

/** Those who have left are forgotten when there are many. */
function withNew(some: readonly ConnectionReport[]): ReadonlyMap<string, ConnectionReport> {
  const here = new Set(players.value.map(({ connection }) => connection))
  const isMany = connections.value.size > mostConnections
  const known = [...connections.value.values()].filter(({ id, publishes }) => {
    return !isMany || here.has(id) || publishes.length > 0
  })
  return new Map([...known, ...some].map(connection => [connection.id, connection]))
}

/** Events of one turn are shown together. */
const waiting: ServerEvent[] = []

function takeEvent(event: ServerEvent): void {
  if (waiting.push(event) === 1) setTimeout(showEvents, 50)
}

function showEvents(): void {
  const news = waiting.splice(0)
  batch(() => {
    events.value = [...events.value, ...news].slice(-most)
    const refused = news.flatMap(({ refusal }) => refusal ?? [])
    if (refused.length > 0) refusals.value = merged(refused, refusals.value)
  })
}

function merged(some: readonly RefusalReport[], others: readonly RefusalReport[]): readonly RefusalReport[] {
  const all = new Map([...others, ...some].map(refusal => [`${refusal.worker ?? ''}:${refusal.id}`, refusal]))
  return [...all.values()].toSorted((one, two) => Date.parse(two.at) - Date.parse(one.at)).slice(0, most)
}
