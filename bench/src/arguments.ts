import { parseArgs } from 'node:util'

/** What the user asked for. */
export interface Arguments {
  /** `micro`, `servers`, `docs`, or how the names of groups begin; none is all of them but `docs`. */
  readonly words: readonly string[]
  readonly seconds: number
  readonly rounds: number
  /** Only these subjects of the whole-server comparison; none is all. */
  readonly servers: readonly string[]
  /** Name of the file in `bench/results`. */
  readonly name: string
  /** Results to compare with. */
  readonly compare: string | undefined
  /** Results to show instead of measuring. */
  readonly from: string | undefined
}

export const usage = `npm run bench -- [WORD…] [options]

Words choose what is measured; without any it is micro and servers.
  micro           within this process: demux mux amf fan-out gates
  servers         whole servers under rtmpload: relay flood-200 flood-16k idle connect players-100 players-1000
                  players-2000 relay-1x5 relay-20x5 relay-100x1 relay-200x5 relay-500x1 (streams × players) late observed
                  rtmp-50 rtmpt rtmpts rtmfp-50 (50 players, in turns) tunnel (latency, requests)
                  rtmp-40 ws-40 (our own client, in turns) rtmp-500 http-flv-500 hls-500 (viewers, in turns)
                  cluster (200 streams over NATS, to 1 and 4 nodes)
  creep           40 windows, 10 minutes: does latency grow with time?
  memory          20 windows, 5 minutes: does memory grow while publishers and players come and go?
  GROUP           one of the above, or how several begin: flood, relay-, players
  docs            writes figures and chart into docs/ (alone: those of the newest results)

Options
  --seconds N     measured window of each run, default 15; in-process tasks take a twentieth
  --rounds N      how often each is measured, interleaved, default 3; tables show medians
  --servers A,B   only these servers, for example rtmpipe,nginx-rtmp
  --name NAME     of the file in bench/results; default is the time
  --compare FILE  compares with earlier results
  --from FILE     shows (and compares) these results instead of measuring
`

/** @throws for what nobody can have meant */
export function parseArguments(args: readonly string[]): Arguments | 'help' {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      seconds: { type: 'string', default: '15' },
      rounds: { type: 'string', default: '3' },
      servers: { type: 'string', default: '' },
      name: { type: 'string', default: new Date().toISOString().slice(0, 19).replaceAll(':', '') },
      compare: { type: 'string' },
      from: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return 'help'
  return {
    words: positionals,
    seconds: whole('seconds', values.seconds),
    rounds: whole('rounds', values.rounds),
    servers: values.servers
      .split(',')
      .map(name => name.trim())
      .filter(Boolean),
    name: values.name,
    compare: values.compare,
    from: values.from,
  }
}

function whole(option: string, value: string): number {
  if (!/^[1-9]\d{0,4}$/.test(value)) throw new Error(`--${option} ${value}: expected a whole number above 0`)
  return Number(value)
}
