import { ProblemError } from '../../problem/problem-error.ts'
import type { ServerReport } from '../../report/report.ts'
import { EventFeeds } from '../events/event-feeds.ts'
import { EventPlace, isEventPlace } from '../events/event-place.ts'
import { serverEvent } from '../schema/reports.ts'
import { count, input, maybe, type Schema, text } from '../schema/schema.ts'
import { type Route, route } from './route.ts'

/** Clients of events at a time. */
export const maxEventClients: number = 50
/** Bytes that may wait for one of them: the newest 1,000 events fit in. */
export const maxEventBytes: number = 2 * 1024 * 1024

interface EventsQuery {
  readonly type?: string | readonly string[]
  readonly stream?: string
  readonly after?: string
  readonly report?: number
  readonly players?: string
}

const types = serverEvent.properties?.['type']?.enum ?? []

/** What happens, as it happens; `feeds` has to be closed with the server. */
export function eventsRoute(
  feeds: EventFeeds = new EventFeeds({ clients: maxEventClients, buffered: maxEventBytes }),
): {
  readonly events: Route
  readonly feeds: EventFeeds
} {
  const events = route<EventsQuery>({
    method: 'GET',
    path: '/events',
    operation: 'followEvents',
    summary: 'What happens, as server-sent events',
    query: input<EventsQuery>('', {
      type: maybe({
        description: `only events of these types, separated by commas or as several parameters: ${types.join(', ')}`,
        anyOf: [
          { type: 'string', maxLength: 1_000 },
          { type: 'array', items: { type: 'string', maxLength: 100 }, maxItems: types.length },
        ],
      }) as { readonly optional: Schema<string | readonly string[]> },
      stream: maybe(text('only events of this stream: its id', { maxLength: 4_096 })),
      after: maybe(
        text('as `Last-Event-ID`, for who can send no headers, such as `EventSource`; `0`: all that is known', {
          maxLength: 100,
        }),
      ),
      report: maybe(
        count('seconds between two events `report`; without it there are none', { minimum: 1, maximum: 60 }),
      ),
      players: maybe(text('id of the stream whose players are reported too; `*` for all', { maxLength: 4_096 })),
    }),
    answer: {
      status: 200,
      description:
        'Each event has the `id`, the type as its `event`, and an Event as its `data`. Who sends the last `id` as ' +
        '`Last-Event-ID` gets what came after it, as far as the newest 1,000 go back; `event: missed` tells that some ' +
        'are gone, so that lists have to be read again. A comment comes every 15 seconds. With `report`, an event of ' +
        'that name and without an `id` has the server and all streams as they are now: `{"server":…,"streams":[…]}`. ' +
        'With `players` it has these, and `connections`, those of the players of whom this client has not been told ' +
        'yet. It also comes soon after something has begun or ended, and not before the one before has been taken.',
      mediaType: 'text/event-stream',
      schema: serverEvent,
    },
    problems: { 503: `there are ${maxEventClients} clients of events already` },
    async handle({ reports }, { query: { type, stream, after, report, players }, headers }, reply) {
      // A browser that comes back by itself sends both: the header is the newer one.
      const place = placeOf(headers['last-event-id'], 'Last-Event-ID') ?? placeOf(after, 'after')
      const wanted = { types: typesOf(type), stream, after: place, report, players }
      const since = countedSince(await reports.server())
      if (feeds.isFull) {
        throw new ProblemError(503, 'too many clients follow events already: end one, or try later', {
          headers: { 'Retry-After': '5' },
        })
      }
      const feed = feeds.open(reports, new EventPlace(since), wanted)
      // Proxies that gather what they pass on would hold events back.
      reply.header('X-Accel-Buffering', 'no').type('text/event-stream; charset=utf-8')
      return feed
    },
  })
  return { events, feeds }
}

/** Since when events are counted: of several processes by this one, which may have taken the place of one that died. */
function countedSince({ since, processes }: ServerReport): string {
  const own = processes.find(({ pid }) => pid === process.pid)?.since ?? since
  return own > since ? own : since
}

function typesOf(type: string | readonly string[] = []): ReadonlySet<string> {
  const names = (typeof type === 'string' ? [type] : type).flatMap(text => text.split(',')).filter(Boolean)
  const unknown = names.find(name => !types.includes(name))
  if (unknown === undefined) return new Set(names)
  throw new ProblemError(400, `query: type: must be of ${types.join(', ')}`, { field: 'type' })
}

function placeOf(given: string | readonly string[] | undefined, field: string): string | undefined {
  if (given === undefined || given === '') return undefined
  if (typeof given === 'string' && isEventPlace(given)) return given
  throw new ProblemError(400, `${field}: must be the id of an event`, { field })
}
