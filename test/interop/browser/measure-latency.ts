import { cpus } from 'node:os'
import { setTimeout as wait } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import type { TestContext } from 'vitest'
import { playerPage, probe, publisherPage } from './latency-pages.ts'
import { openWebPage, servePage } from './web-page.ts'

/** What to publish and play, and for how long. */
export interface LatencyRun {
  /** `ws://host:port/app/stream`, of a server that lets every page in. */
  readonly url: string
  readonly seconds: number
  readonly width: number
  readonly height: number
  readonly video: 'avc1' | 'vp09' | 'av01'
  readonly sound: boolean
  readonly bitrate: number
  /** What is played instead, and by another page than ours with scripts of its own. */
  readonly playUrl?: string
  readonly page?: string
  readonly scripts?: Readonly<Record<string, string>>
  /** Makes trouble in the pages, from before the figures are taken. */
  readonly disturb?: (pages: LatencyPages) => Promise<unknown>
}

/** The pages that publish the time, and read it. */
export interface LatencyPages {
  readonly publisher: Page
  readonly player: Page
}

/** Milliseconds. */
export interface Spread {
  readonly count: number
  readonly p50: number
  readonly p95: number
}

/** What was seen and heard. */
export interface LatencyFigures {
  /** Milliseconds from `play` to the first picture. */
  readonly first: number
  readonly video: Spread
  readonly audio: Spread
  /** How much later sound is heard than its picture is seen. */
  readonly skew: number
  /** Share of the machine that was idle, in percent. */
  readonly idle: number
  readonly stats: Readonly<Record<string, unknown>>
}

/** Publishes the time from one page, and reads it in another. The first moments are not counted. */
export async function measureLatency(context: TestContext, run: LatencyRun): Promise<LatencyFigures> {
  const pages = await play(context, run)
  await run.disturb?.(pages)
  return figuresOf(pages.player, run.seconds)
}

/** @returns the pages, after the first moments */
export async function play(context: TestContext, run: LatencyRun): Promise<LatencyPages> {
  const { url, playUrl = url, page = playerPage, scripts, video, sound, width, height, bitrate } = run
  const options = { width, height, sound, bitrate, video: [video], audio: sound ? ['opus'] : false }
  const publisher = await openWebPage(context, await servePage(publisherPage))
  const player = await openWebPage(context, await servePage(page, { '/probe.js': probe, ...scripts }))
  await publisher.page.waitForFunction('globalThis.publish')
  await player.page.waitForFunction('globalThis.play')
  await publisher.page.evaluate(`publish(${JSON.stringify(url)}, ${JSON.stringify(options)})`)
  // Somebody joins in the midst of a group.
  await wait(2_300)
  await player.page.evaluate(`play(${JSON.stringify(playUrl)}, { muted: ${!sound} })`)
  await player.page.waitForFunction('globalThis.first')
  await wait(1_500)
  return { publisher: publisher.page, player: player.page }
}

/** What is seen and heard from now on. */
export async function figuresOf(player: Page, seconds: number): Promise<LatencyFigures> {
  await player.evaluate('pictures.length = beeps.length = 0')
  const before = times()
  await wait(seconds * 1_000)
  const after = times()
  const seen = await player.evaluate<{
    first: number
    pictures: number[]
    beeps: number[]
    stats: Record<string, unknown>
  }>('({ first, pictures, beeps, stats: player.stats })')
  const [pictures, beeps] = [spread(seen.pictures), spread(seen.beeps)]
  return {
    first: Math.round(seen.first),
    video: pictures,
    audio: beeps,
    skew: beeps.p50 - pictures.p50,
    idle: Math.round((100 * (after.idle - before.idle)) / (after.all - before.all)),
    stats: seen.stats,
  }
}

function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((one, other) => one - other)
  const at = (share: number): number => Math.round(sorted[Math.floor(share * sorted.length)] ?? Number.NaN)
  return { count: sorted.length, p50: at(0.5), p95: at(0.95) }
}

function times(): { idle: number; all: number } {
  let [idle, all] = [0, 0]
  for (const { times } of cpus()) {
    idle += times.idle
    all += times.user + times.nice + times.sys + times.idle + times.irq
  }
  return { idle, all }
}
