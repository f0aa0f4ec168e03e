import { createHash } from 'node:crypto'
import type { InProcessPeer } from '@rtmpipe/session'
import type { FastifyRequest } from 'fastify'
import type { House } from '../mount.ts'
import { ProblemError } from '../problem/problem-error.ts'
import type { StreamReport } from '../report/report.ts'
import { GateAnswers } from './gate-answers.ts'

/** Streams in a list, and those that gates are asked about for it. */
const maxShown = 100
const maxAsked = 200
/** Milliseconds that the streams of all processes are remembered: viewers ask for them at any rate. */
const freshFor = 1_000

/** A stream in the list of the pages. */
export interface VisibleStream {
  /** Application. */
  readonly app: string
  /** Name of the stream. */
  readonly name: string
  /** When the present publish began. */
  readonly since?: string
  /** Players at present. */
  readonly viewers: number
  /** FourCCs. */
  readonly codecs: readonly string[]
  /** Pixels. */
  readonly width?: number
  /** Pixels. */
  readonly height?: number
}

/** Which live streams somebody may see: those that the gates would let that viewer play as the request came. */
export class VisibleStreams {
  readonly #house: House
  readonly #answers = new GateAnswers()
  #streams: { readonly all: Promise<readonly StreamReport[]>; readonly until: number } | undefined

  constructor(house: House) {
    this.#house = house
  }

  /** Those with most viewers first. @throws ProblemError 503 when too many ask */
  async of(request: FastifyRequest): Promise<readonly VisibleStream[]> {
    const viewer = viewerOf(request)
    const live = (await this.#live())
      .filter(stream => this.#isWatchable(stream))
      .toSorted(byViewers)
      .slice(0, maxAsked)
    const allowed = await Promise.all(
      live.map(({ id, app, name }) => {
        const ask = () => this.#house.host.server.mayPlay(app, name, peerOf(request, app))
        return this.#answers.get(`${viewer}${id}`, ask) ?? tooMany()
      }),
    )
    return live
      .filter((_, index) => allowed[index])
      .slice(0, maxShown)
      .map(visible)
  }

  /** A page names a stream by its URL, which has no place for every name. */
  #isWatchable({ isLive, app, name, worker }: StreamReport): boolean {
    if (!isLive || /[?#]/.test(app) || /[/?#]/.test(name)) return false
    // Reports leave out what may be a key: then there is no stream of that name.
    return worker !== undefined || this.#house.host.server.streams.get(app, name) !== undefined
  }

  #live(): Promise<readonly StreamReport[]> {
    const now = performance.now()
    if (this.#streams === undefined || this.#streams.until <= now)
      this.#streams = { all: this.#house.reports.streams(), until: now + freshFor }
    return this.#streams.all
  }
}

function tooMany(): never {
  throw new ProblemError(503, 'too many ask for the list of streams: try again in a moment')
}

/** What gates may tell viewers apart by, in a form that keeps no secret. */
function viewerOf({ ip, protocol, host, headers }: FastifyRequest): string {
  const { cookie, authorization } = headers
  const all = JSON.stringify([ip, protocol, host, cookie, authorization])
  return createHash('sha256').update(all).digest('base64url')
}

/** As that viewer would come to play: by a WebSocket of the same host, with the same headers. */
function peerOf({ ip, protocol, host, headers, socket }: FastifyRequest, app: string): InProcessPeer {
  const transport = protocol === 'https' ? 'wss' : 'ws'
  const given = Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]))
  return {
    transport,
    secure: protocol === 'https',
    remote: { address: ip, port: socket.remotePort ?? 0 },
    tcUrl: `${transport}://${host}/${app}`,
    flashVer: headers['user-agent'] ?? '',
    request: { url: '/', headers: Object.fromEntries(given) },
  }
}

function byViewers(one: StreamReport, other: StreamReport): number {
  return other.viewers - one.viewers || (one.id < other.id ? -1 : 1)
}

function visible({ app, name, since, viewers, codecs }: StreamReport): VisibleStream {
  const video = codecs.find(({ kind, width }) => kind === 'video' && width !== undefined)
  return {
    app,
    name,
    ...(since !== undefined && { since }),
    viewers,
    codecs: codecs.map(({ codec }) => codec),
    ...(video?.width !== undefined && { width: video.width }),
    ...(video?.height !== undefined && { height: video.height }),
  }
}
