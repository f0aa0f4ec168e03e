/** How large the cluster of a schedule is, and what happens in it. */
export interface Shape {
  readonly nodes: number
  readonly regions: number
  readonly streams: number
  /** Players who come in all, beside the flash crowd. */
  readonly players: number
  /** Players who come to the first stream within three seconds. */
  readonly crowd: number
  /** Virtual seconds, before all is mended. */
  readonly seconds: number
  /** Faults, at least and at most. */
  readonly faults: readonly [number, number]
  /** Messages a second of each stream; fewer in most of the schedules that have not the full length. */
  readonly rate: number
  /** Share of the schedules whose first stream has 25 Mbit/s and a reader who stops now and then. */
  readonly heavy: number
  /** Share of the schedules that have the full length, and last until every bound is over although all is well. */
  readonly whole: number
}

/** What is usual for so many nodes. @param players default: some for each node */
export function shapeOf(nodes: number, seconds?: number, players?: number): Shape {
  const isSmall = nodes <= 5
  return {
    nodes,
    regions: isSmall ? 2 : Math.min(6, 2 + Math.floor(Math.log10(nodes))),
    streams: isSmall ? 2 : Math.min(200, Math.ceil(nodes / 5)),
    players: players ?? (isSmall ? 6 : nodes * 3),
    crowd: isSmall ? 0 : nodes,
    seconds: seconds ?? (isSmall ? 20 : 40),
    faults: isSmall ? [1, 3] : [3, 8],
    rate: isSmall ? 5 : 2,
    heavy: isSmall ? 0.01 : 0,
    whole: isSmall ? 0.2 : 1,
  }
}
