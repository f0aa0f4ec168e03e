import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'

/** What the user asked for. */
export interface Arguments {
  readonly nodes: number
  readonly schedules: number
  readonly seconds: number | undefined
  readonly players: number | undefined
  readonly seed: number
  readonly workers: number
  /** One schedule alone. */
  readonly only: { readonly seed: number; readonly number: number } | undefined
  /** Of the file in `simulate/results`, to which what was run is added. */
  readonly name: string | undefined
  readonly check: boolean
  readonly docs: boolean
}

export const usage = `npm run simulate -- [options]

Clusters in virtual time, in which things go wrong by chance, and always the same for a seed. A schedule in which
something is not as it must be is printed with what happened in it, and the exit code is 1.

  --nodes N           default 5; to 5,000
  --schedules N       default 1,000; of more than 20,000 each block of so many has the next seed
  --seconds N         virtual seconds before all is mended, default 20, or 40 with more than 5 nodes
  --players N         default 6, or 3 a node
  --seed N            default 7
  --only SEED:NUMBER  one schedule again, with what happens in it; the other options as they were
  --workers N         processors to use, default all
  --check             compares the model with what was measured of a real network, instead
  --name NAME         adds what is found to simulate/results/NAME.json, block by block; seeds that it has are passed
                      over, so that the same command goes on where it was ended
  --docs              writes docs/cluster-simulation.md of that file (default: report), instead
`

/** @throws for what nobody can have meant */
export function parseArguments(args: readonly string[]): Arguments | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      nodes: { type: 'string', default: '5' },
      schedules: { type: 'string', default: '1000' },
      seconds: { type: 'string' },
      players: { type: 'string' },
      seed: { type: 'string', default: '7' },
      workers: { type: 'string', default: `${availableParallelism()}` },
      only: { type: 'string' },
      name: { type: 'string' },
      check: { type: 'boolean', default: false },
      docs: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return 'help'
  const { seconds, players, only, name, check, docs } = values
  if (name !== undefined && !/^[\w-]+$/.test(name)) throw new Error(`--name ${name}: expected letters and digits`)
  return {
    nodes: whole('nodes', values.nodes, 2, 5_000),
    schedules: whole('schedules', values.schedules, 1, 10_000_000),
    seconds: seconds === undefined ? undefined : whole('seconds', seconds, 5, 3_600),
    players: players === undefined ? undefined : whole('players', players, 0, 1_000_000),
    seed: whole('seed', values.seed, 0, 1_000_000_000),
    workers: whole('workers', values.workers, 1, 256),
    only: only === undefined ? undefined : parseOnly(only),
    name,
    check,
    docs,
  }
}

function parseOnly(text: string): { readonly seed: number; readonly number: number } {
  const [seed = '', number = ''] = text.split(':')
  return { seed: whole('only', seed, 0, 1_000_000_000), number: whole('only', number, 0, 10_000_000) }
}

function whole(option: string, value: string, least: number, most: number): number {
  const number = Number(value)
  if (/^\d{1,10}$/.test(value) && number >= least && number <= most) return number
  throw new Error(`--${option} ${value}: expected a whole number from ${least} to ${most}`)
}
