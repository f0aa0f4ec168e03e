import type { Proxy, ProxyName } from '../proxy.ts'
import type { Replacement } from '../proxies/kind.ts'
import type { Scheme, ServerProcess } from '../server-process.ts'

/** Clients, in the order of the columns of docs/firewalls.md. */
export const players = ['ffmpeg', 'rtmpdump', 'rtmpsrc', 'rtmpipe'] as const
export const publishers = ['ffmpeg', 'rtmpsink', 'rtmpipe'] as const
export type PlayerName = (typeof players)[number]
export type PublisherName = (typeof publishers)[number]

/**
 * What a client does behind a proxy: every packet arrives as it was sent; or it gives up by itself, for a reason that the
 * page tells; or it can't be asked to. `untried` is what the matrix does not run.
 */
export type Outcome = 'exact' | GivesUp | 'cannot' | 'untried'

/** Why a client ends, as a mark in the table and a sentence below it. */
export interface GivesUp {
  readonly mark: string
  readonly sentence: string
}

/** A proxy, set in some way, and what clients do behind it: a line of the table in docs/firewalls.md. */
export interface Row {
  readonly title: string
  readonly proxy?: ProxyName
  /** What is other than in docs/proxies. */
  readonly changes?: readonly Replacement[]
  /** The port behind it, where that is another than RTMPT and RTMP. */
  readonly upstream?: { readonly http?: Scheme; readonly rtmp?: Scheme }
  /** Options of `rtmpipe serve`. */
  readonly serve?: readonly string[]
  /** The URL without a path. A forward proxy is not part of it, but of `env`. */
  url(server: ServerProcess, proxy: Proxy | undefined): string
  env?(proxy: Proxy): Readonly<Record<string, string>>
  /** Further options of ffmpeg. */
  readonly ffmpeg?: readonly string[]
  readonly play: Readonly<Record<PlayerName, Outcome>>
  readonly publish: Readonly<Record<PublisherName, Outcome>>
  /** Cells that are tried in every test run: `play ffmpeg`. */
  readonly always?: readonly string[]
  /** How many of the last packets publishers may fail to send; default none. */
  readonly lostAtEnd?: Readonly<Partial<Record<PublisherName, number>>>
}

/** One client behind one proxy. */
export interface Cell {
  readonly row: Row
  readonly does: 'play' | 'publish'
  readonly client: PlayerName | PublisherName
  readonly outcome: 'exact' | GivesUp
}

/** Those that are run. */
export function cellsOf(row: Row): Cell[] {
  const cell = (does: Cell['does'], client: Cell['client'], outcome: Outcome): Cell[] =>
    outcome === 'cannot' || outcome === 'untried' ? [] : [{ row, does, client, outcome }]
  return [
    ...players.flatMap(client => cell('play', client, row.play[client])),
    ...publishers.flatMap(client => cell('publish', client, row.publish[client])),
  ]
}

/** Whether every test run tries it. */
export function isAlwaysTried({ row, does, client }: Cell): boolean {
  return row.always?.includes(`${does} ${client}`) ?? false
}
