import type { ServerEvent, StreamReport } from '@rtmpipe/http'

/** One publish of a stream, in milliseconds of the clock. */
export interface PublishTime {
  readonly from: number
  /** Absent while it goes on. */
  readonly to?: number
  /** Why it ended, if it failed. */
  readonly code?: string
}

/** A stream's publishes. */
export interface Lane {
  readonly stream: string
  readonly times: readonly PublishTime[]
  /** When somebody was not let in to publish it. */
  readonly refusals: readonly number[]
}

/** Who came and went when, put together from the events, and from the streams that began before the oldest of them. */
export function lanes(events: readonly ServerEvent[], streams: readonly StreamReport[], from: number): readonly Lane[] {
  const found = new Map<string, { times: PublishTime[]; refusals: number[]; begun: number | undefined }>()
  const laneOf = (stream: string) => {
    const lane = found.get(stream) ?? { times: [], refusals: [], begun: undefined }
    found.set(stream, lane)
    return lane
  }
  for (const { type, at, stream, code, refusal } of events) {
    const time = Date.parse(at)
    if (type === 'publish.start' && stream !== undefined) laneOf(stream).begun = time
    else if (type === 'publish.end' && stream !== undefined) {
      const lane = laneOf(stream)
      // Without its start it began before everything we know of.
      lane.times.push({ from: lane.begun ?? 0, to: time, ...(code === undefined ? {} : { code }) })
      lane.begun = undefined
    } else if (type === 'refusal' && refusal?.what === 'publish' && refusal.name !== undefined) {
      laneOf(`${refusal.app}/${refusal.name.replace(/\?.*/, '')}`).refusals.push(time)
    }
  }
  for (const { id, isPublishing, since } of streams) {
    if (!isPublishing || since === undefined) continue
    const lane = laneOf(id)
    lane.times.push({ from: lane.begun ?? Date.parse(since) })
    lane.begun = undefined
  }
  return [...found]
    .map(([stream, { times, refusals }]) => ({
      stream,
      times: times.filter(({ to = Infinity }) => to >= from),
      refusals: refusals.filter(at => at >= from),
    }))
    .filter(({ times, refusals }) => times.length + refusals.length > 0)
    .toSorted((one, two) => newest(two) - newest(one) || one.stream.localeCompare(two.stream))
}

/** When something has happened to it last. */
function newest({ times, refusals }: Lane): number {
  return Math.max(0, ...times.map(({ from, to = from }) => to), ...refusals)
}
