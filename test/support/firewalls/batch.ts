import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import type { Launch, Player, Publisher } from '../clients/client.ts'
import { playWithFfmpeg, publishWithFfmpeg } from '../clients/ffmpeg.ts'
import { playWithRtmpsrc, publishWithRtmpsink } from '../clients/gstreamer-librtmp.ts'
import { playWithRtmpipeCommand, publishWithRtmpipeCommand } from '../clients/rtmpipe.ts'
import { playWithRtmpdump } from '../clients/rtmpdump.ts'
import type { Media } from '../media.ts'
import { Proxy } from '../proxy.ts'
import { forwarding } from '../proxies/kind.ts'
import { expectRelayed } from '../relayed.ts'
import { ServerProcess } from '../server-process.ts'
import type { Cell, PlayerName, PublisherName, Row } from './row.ts'
import { Countdown } from './countdown.ts'
import { haproxySends } from './rows.ts'
import { Watcher } from './watcher.ts'

/** Milliseconds for all clients to ask for their streams. Who is later is late, and its test says so. */
const patience = 25_000
/** Milliseconds for what is still on its way when publishers have ended. */
const afterwards = 8_000

const play: Readonly<Record<PlayerName, (url: string, launch: Launch) => Player | Promise<Player>>> = {
  ffmpeg: (url, launch) => playWithFfmpeg('ffmpeg', url, launch),
  rtmpdump: playWithRtmpdump,
  rtmpsrc: playWithRtmpsrc,
  rtmpipe: playWithRtmpipeCommand,
}

const publish: Readonly<Record<PublisherName, (file: string, url: string, launch: Launch) => Publisher>> = {
  ffmpeg: (file, url, launch) => publishWithFfmpeg('ffmpeg', file, url, launch),
  rtmpsink: publishWithRtmpsink,
  rtmpipe: publishWithRtmpipeCommand,
}

/**
 * Many clients behind many proxies at once, against one server. All players play one stream, which is published without a
 * proxy; what publishers send through proxies is played without one.
 */
export class Batch implements AsyncDisposable {
  readonly #cells: readonly Cell[]
  readonly #media: Media
  readonly #open: AsyncDisposable[] = []
  readonly #faults = new Map<Cell, unknown>()

  constructor(cells: readonly Cell[], media: Media) {
    this.#cells = cells
    this.#media = media
  }

  /** Why a cell was not exact; nothing when it was. */
  faultOf(cell: Cell): unknown {
    return this.#faults.get(cell)
  }

  async run(): Promise<void> {
    const server = this.#use(await ServerProcess.start({ args: this.#cells[0]?.row.serve ?? [] }))
    const ways = await this.#ways(server)
    const direct = await this.#directUrl(server)
    const started = new Countdown(this.#that('play').length)
    const forwarded = this.#watchLog(server, started)
    const players = await Promise.all(
      this.#that('play').map(async cell => {
        const { url, ...launch } = this.#launch(cell, ways)
        const player = this.#use(await play[cell.client as PlayerName](`${url}/live/show`, launch))
        // Who has ended before it played is not waited for.
        void settled(player.program.exited).then(() => started.one())
        return { cell, received: settled(player.finish()) }
      }),
    )
    await soon(started.done, patience)
    const watched = await Promise.all(
      this.#that('publish').map(async (cell, index) => {
        return {
          cell,
          name: `from-${index}`,
          watcher: this.#use(await Watcher.start(`${direct}/live`, `from-${index}`)),
        }
      }),
    )
    const { file } = this.#media
    const limit = this.#limit
    const show = this.#use(publishWithFfmpeg('ffmpeg', file, `${direct}/live/show`, { limit }))
    const publishers = watched.map(({ cell, name }) => {
      const { url, ...launch } = this.#launch(cell, ways)
      return settled(this.#use(publish[cell.client as PublisherName](file, `${url}/live/${name}`, launch)).finish())
    })
    const ends = await Promise.all(publishers)
    await show.finish()
    await soon(Promise.allSettled(watched.map(({ watcher }) => watcher.ended)), afterwards)
    for (const [index, { cell, watcher }] of watched.entries()) {
      const lostAtEnd = cell.row.lostAtEnd?.[cell.client as PublisherName] ?? 0
      await this.#check(cell, async () => {
        const end = ends[index]
        if (end !== undefined && 'error' in end) throw end.error
        if (isForwarded(cell)) expect(forwarded.published, 'published by the proxy').toContain(`from-${index}`)
        expectRelayed(await watcher.finish(), this.#media, { fromStart: true, lostAtEnd })
      })
    }
    const late = delay(afterwards, { error: new Error('plays on, though the stream has ended') }, { ref: false })
    const behind = players.filter(({ cell }) => isForwarded(cell)).length
    for (const { cell, received } of players) {
      await this.#check(cell, async () => {
        // Which of them has gone without is not seen.
        if (isForwarded(cell)) expect(forwarded.played, 'players by the proxy').toBeGreaterThanOrEqual(behind)
        const end = await Promise.race([received, late])
        if ('error' in end) throw end.error
        expectRelayed(end.value, this.#media, { fromStart: true })
      })
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const each of this.#open.toReversed()) await each[Symbol.asyncDispose]()
  }

  /** Milliseconds that a client may take. */
  get #limit(): number {
    return this.#media.seconds * 1000 + patience + 2 * afterwards
  }

  #use<Resource extends AsyncDisposable>(resource: Resource): Resource {
    this.#open.push(resource)
    return resource
  }

  #that(does: Cell['does']): Cell[] {
    return this.#cells.filter(cell => cell.does === does)
  }

  /** How the server is reached in each row. */
  async #ways(server: ServerProcess): Promise<ReadonlyMap<Row, Way>> {
    const rows = [...new Set(this.#cells.map(({ row }) => row))]
    const ways = rows.map(async (row): Promise<[Row, Way]> => {
      if (row.proxy === undefined) return [row, { url: row.url(server, undefined), env: {} }]
      const { http = 'rtmpt', rtmp = 'rtmp' } = row.upstream ?? {}
      const ports = [portOf(server.urls[http]), portOf(server.urls[rtmp])] as const
      const proxy = this.#use(await Proxy.start(row.proxy, ...ports, row.changes))
      return [row, { url: row.url(server, proxy), env: row.env?.(proxy) ?? {} }]
    })
    return new Map(await Promise.all(ways))
  }

  /** RTMP without a proxy of the table. A server that takes only connections with a PROXY header has one that adds it. */
  async #directUrl(server: ServerProcess): Promise<string> {
    if (!this.#cells.some(({ row }) => row.serve?.includes('--proxy-protocol') === true)) return server.urls.rtmp
    const ports = [portOf(server.urls.rtmpt), portOf(server.urls.rtmp)] as const
    return `rtmp://${this.#use(await Proxy.start('haproxy', ...ports, haproxySends('send-proxy'))).rtmp}`
  }

  #launch({ row, client }: Cell, ways: ReadonlyMap<Row, Way>): Launch & Way {
    const { url, env } = ways.get(row) as Way
    return { url, env, limit: this.#limit, args: client === 'ffmpeg' ? (row.ffmpeg ?? []) : [] }
  }

  /** Counts players that have started, and notes what clients of forward proxies have, by the address that the server saw. */
  #watchLog(server: ServerProcess, started: Countdown): Forwarded {
    const seen: Forwarded = { played: 0, published: [] }
    const note = ([, address, stream = '', what]: RegExpMatchArray): boolean => {
      if (what === 'play') started.one()
      if (address === forwarding && what === 'play') seen.played += 1
      if (address === forwarding && what === 'publish') seen.published.push(stream)
      // Never the line that is waited for.
      return false
    }
    const line = /"remote":"([\d.]+):.*"stream":"(.*?)".*"msg":"(play|publish) started"/
    server.program.waitForLine(line, note).catch(() => {})
    return seen
  }

  async #check(cell: Cell, check: () => Promise<void>): Promise<void> {
    try {
      await check()
    } catch (error) {
      this.#faults.set(cell, error)
    }
  }
}

interface Forwarded {
  played: number
  readonly published: string[]
}

interface Way {
  readonly url: string
  readonly env: Readonly<Record<string, string>>
}

function isForwarded({ row, outcome }: Cell): boolean {
  return row.env !== undefined && outcome === 'exact'
}

function portOf(url: string): number {
  return Number(new URL(url.replace(/^rtmpt?s?/, 'http')).port)
}

/** Resolves in any case, when it is over or the time is. */
async function soon(over: Promise<unknown>, milliseconds: number): Promise<void> {
  await Promise.race([settled(over), delay(milliseconds, undefined, { ref: false })])
}

type Settled<Value> = { readonly value: Value } | { readonly error: unknown }

async function settled<Value>(promise: Promise<Value>): Promise<Settled<Value>> {
  return await promise.then(
    value => ({ value }),
    (error: unknown) => ({ error }),
  )
}
