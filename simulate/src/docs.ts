import { writeFileSync } from 'node:fs'
import { recoveryChart, trafficChart } from './chart.ts'
import { checkTable } from './model-check.ts'
import { controlRate, linkRate, type Results, smallRecovery } from './results.ts'
import { grouped, recoveryTable, table } from './tables.ts'
import { invariants } from './tally.ts'

const docs = new URL('../../docs/', import.meta.url)

/** Writes the page and its pictures. Returns the names of what it wrote. */
export async function writeDocs(results: Results): Promise<string[]> {
  if (results.runs.length === 0) throw new Error('there are no results of that name yet: run with --name first')
  const runs = results.runs.toSorted((one, other) => one.nodes - other.nodes)
  const sorted: Results = { ...results, runs }
  const files = {
    'cluster-simulation.md': page(sorted),
    'cluster-simulation-recovery.svg': await recoveryChart(sorted),
    'cluster-simulation-traffic.svg': await trafficChart(sorted),
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(new URL(name, docs), text)
  return Object.keys(files)
}

function page(results: Results): string {
  const { date, runs, check } = results
  return `# The cluster, simulated

<!-- Written by \`npm run simulate -- --docs\`: change simulate/src/docs.ts instead. -->

\`npm run simulate\` lets clusters run in virtual time, over a network in memory in which things go wrong by chance: the same
classes that claim names, join streams and drop what is late over NATS. A seed and a number always do the same:
\`--only SEED:NUMBER\` shows what happens in a schedule, a line each. Figures of ${date}.

Nodes are killed and stand still; servers are killed, stand still, and are down all together; nodes are cut off and parted,
in both directions and in one; nobody hears of a node for up to 24 s while its encoder comes back elsewhere or another one
wants its name; edges are slow; encoders go and come back after 2 to 5 s; the directory can't be written, makes writes
without saying so, is read late, and is made anew. All clocks drift by up to 500 parts of a million.

Of the schedules of up to five nodes every fifth has 20 s in which things go wrong, and goes on for at least 15.5 s after
all is mended. The others have 8 to 18 s, and are over when each viewer has pictures again, 2 s after that at least.

## What must not happen

Schedules in which each rule had something to check, and in which it was broken:

${rulesTable(runs)}

## What was run

${table(
  [
    'nodes',
    'regions',
    'streams',
    'schedules',
    'virtual hours',
    'control messages/s',
    'bytes/s of a link of two regions',
  ],
  runs.map(run => [
    grouped(run.nodes),
    run.regions,
    run.streams,
    grouped(run.tally.schedules),
    (run.tally.virtual / 3_600_000).toFixed(2),
    controlRate(run).toFixed(1),
    grouped(linkRate(run)),
  ]),
)}

Streams have a few small messages a second: bytes are to be compared with each other, not with those of real streams.

![Control messages by nodes, and bytes of a link by players](cluster-simulation-traffic.svg)

## What viewers miss

The longest gap of each viewer who was there, of schedules of three to five nodes with one fault and usual streams. Frames come every 0.2 s, so that is
the gap of a viewer who misses nothing. Where a node or its network stands still for seconds, the gap of its own viewers is
as long as that lasts.

${recoveryTable(smallRecovery(results))}

![Longest gap of viewers by fault](cluster-simulation-recovery.svg)

## Does the model do what was measured?

Each figure is that of nats-server and its client on one machine, and what the simulator makes of the same. The model is told
how long the client takes to find another server, when a watchdog gives one up, and what a join costs in processor time; a
test fails when a figure is off by more than 30 %.

${checkTable(check)}
`
}

function rulesTable(runs: Results['runs']): string {
  const rows = Object.entries(invariants).map(([name, text]) => {
    const tried = runs.reduce((sum, { tally }) => sum + (tally.tried[name] ?? 0), 0)
    const broken = runs.reduce(
      (sum, { tally }) => sum + tally.violations.filter(each => each.invariant === name).length,
      0,
    )
    const all = runs.reduce((sum, { tally }) => sum + tally.schedules, 0)
    return [text, grouped(name === 'end' ? all : tried), broken]
  })
  return table(['rule', 'schedules', 'broken'], rows)
}
