import type { TopLevelSpec } from 'vega-lite'

/** One of several charts side by side. */
export type Panel = Extract<TopLevelSpec, { hconcat: unknown }>['hconcat'][number]

/** For what is ours, or matters. The rest is grey. */
export const blue: string
export const grey: string

export function drawChart(spec: TopLevelSpec): Promise<string>
