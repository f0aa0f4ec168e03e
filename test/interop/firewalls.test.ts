import { beforeAll, describe, expect, test } from 'vitest'
import { Batch } from '../support/firewalls/batch.ts'
import type { Cell } from '../support/firewalls/row.ts'
import { cellsOf, isAlwaysTried } from '../support/firewalls/row.ts'
import { rows } from '../support/firewalls/rows.ts'
import { type Media, makeMedia } from '../support/media.ts'
import { available, type ClientName, requireClient } from '../support/programs.ts'

/**
 * What docs/firewalls.md says of clients behind proxies. Every run tries a few of them for some seconds; with
 * `SOAK_SECONDS=60` all of them for that long.
 */
const soak = Number(process.env['SOAK_SECONDS'] ?? 0)
const seconds = soak || 5
/** How many rows run at once: two processors can hold some forty clients. */
const rowsAtOnce = soak === 0 ? 100 : 8

let media: Media

beforeAll(async () => {
  media = await makeMedia({ seconds, size: '256x144', gop: 30, bFrames: 0, noise: true })
})

for (const { name, cells } of batches())
  describe(name, () => {
    const faults = new Map<Cell, unknown>()

    beforeAll(
      async () => {
        const missing = await Promise.all(cells.map(async cell => (await missingOf(cell)).length > 0))
        await using batch = new Batch(
          cells.filter((_, index) => !missing[index]),
          media,
        )
        await batch.run()
        for (const cell of cells) faults.set(cell, batch.faultOf(cell))
      },
      seconds * 1000 + 90_000,
    )

    for (const cell of cells)
      test(nameOf(cell), async context => {
        await requireClient(context, ...programsOf(cell))
        const fault = faults.get(cell)
        if (cell.outcome !== 'exact') expect(fault, cell.outcome.sentence).toBeDefined()
        else if (fault !== undefined) throw fault
      })
  })

/** Cells that are run at once, by the server that they need. */
function batches(): { name: string; cells: Cell[] }[] {
  const byServer = new Map<string, Cell[][]>()
  for (const row of rows) {
    const cells = cellsOf(row).filter(cell => soak > 0 || isAlwaysTried(cell))
    if (cells.length === 0) continue
    const server = ['serve', ...(row.serve ?? [])].join(' ')
    byServer.set(server, [...(byServer.get(server) ?? []), cells])
  }
  return [...byServer].flatMap(([server, cells]) => {
    const parts = Array.from({ length: Math.ceil(cells.length / rowsAtOnce) }, (_, part) =>
      cells.slice(part * rowsAtOnce, (part + 1) * rowsAtOnce).flat(),
    )
    return parts.map((part, index) => ({ name: `${server}, part ${index + 1}`, cells: part }))
  })
}

function nameOf({ row, does, client, outcome }: Cell): string {
  const title = row.title.replace(/\[(.*?)\]\(.*?\)/, '$1')
  return `${title}: ${client} ${does === 'play' ? 'plays' : 'publishes'}${outcome === 'exact' ? '' : ', and gives up'}`
}

function programsOf({ row, client }: Cell): ClientName[] {
  const programs: Partial<Record<Cell['client'], ClientName>> = {
    rtmpdump: 'rtmpdump',
    rtmpsrc: 'rtmpsrc',
    rtmpsink: 'rtmpsrc',
  }
  const own = programs[client]
  return ['ffmpeg', ...(own === undefined ? [] : [own]), ...(row.proxy === undefined ? [] : [row.proxy])]
}

async function missingOf(cell: Cell): Promise<ClientName[]> {
  const answers = await Promise.all(
    programsOf(cell).map(async name => ('missing' in (await available(name)) ? [name] : [])),
  )
  return answers.flat()
}
