import type { Column } from '../results.ts'
import type { LoadRun } from './rtmpload.ts'
import type { Watch } from './watch.ts'
import { observedSeconds, watchObserved } from './watch-observed.ts'
import { watchClients, watchViewers } from './watch-clients.ts'
import { watchRtmfp } from './watch-rtmfp.ts'
import { watchCollections } from './watch-collections.ts'
import { memorySeconds, watchMemory } from './watch-memory.ts'

/** A column and the member of rtmpload's report that fills it. */
export interface Measure extends Column {
  readonly member: string
}

/** One table of the whole-server comparison: the same load on each of some servers. */
export interface Scenario {
  readonly name: string
  readonly title: string
  /** Names of the subjects. */
  readonly subjects: readonly string[]
  /** Too long for more than one round, and measured only when asked for by name. */
  readonly once?: boolean
  /** Scenarios that stand one after the other and have this in common are measured in turn within each round. */
  readonly together?: string
  readonly run: LoadRun
  /** How our own servers are measured, where that is more than load and report. */
  readonly watch?: Watch
  readonly measures: readonly Measure[]
}

const cpu: Measure = { key: 'cpu', title: 'CPU ms/Gbit', better: 'less', member: 'cpu_ms_per_gbit' }
const rss: Measure = { key: 'rss', title: 'RSS MB', better: 'less', member: 'server_rss_mb' }
const p50: Measure = { key: 'p50', title: 'p50 ms', better: 'less', member: 'latency_ms.p50' }
const p99: Measure = { key: 'p99', title: 'p99 ms', better: 'less', member: 'latency_ms.p99' }
const p999: Measure = { key: 'p999', title: 'p99.9 ms', better: 'less', member: 'latency_ms.p999' }
const core: Measure = { key: 'core', title: 'CPU % of a core', better: 'less', member: 'server_cpu_pct' }
/** Near 100 the figures are the tool's, not the server's. */
const tool: Measure = { key: 'tool', title: 'tool CPU %', member: 'tool_cpu_pct' }
/** Full garbage collections, and the share of the process's CPU that all of garbage collection takes. */
const fullCollections: Measure = { key: 'full', title: 'full GCs/10 s', better: 'less', member: 'gc.full' }
const collecting: Measure = { key: 'gc', title: 'GC CPU %', better: 'less', member: 'gc.cpu_pct' }
const messages: Measure = { key: 'messages', title: 'messages/s', better: 'more', member: 'delivered_msgs_per_s' }
const bandwidth: Measure = { key: 'mbps', title: 'Mbit/s', better: 'more', member: 'delivered_mbps' }

const rtmpipe = ['rtmpipe']
const withWorkers = ['rtmpipe', 'rtmpipe --workers 2']
const variants = ['rtmpipe', 'rtmpipe --merge-window 0', 'rtmpipe --merge-window 350']
const others = ['nginx-rtmp', 'Node-Media-Server', 'floor-server']
/** Those that matter to streams with few players. */
const merged = 'plain sockets --merge-window 20'
const fewViewers = ['rtmpipe', 'nginx-rtmp', merged, 'floor-server']
const floors = ['plain sockets --merge-window 0', merged]

/** Seconds before the window: compilers that work at run time take some until they are done with what comes 77 times a second. */
const warmUp = 10
/** Seconds for ramp-up and drain; more with many clients. */
const overhead = 4
const crowdOverhead = 8
/** Sessions that only connect, and players that come one by one. */
const rtmfpOverhead = 10
/** As long as it takes for some players to join between keyframes. */
const lateSeconds = 3
/** Runs that look for what changes with time last so many windows. */
const creepWindows = 40
const memoryWindows = 20

/** All of them, for a measured window of so many seconds. */
export function scenarios(seconds: number): readonly Scenario[] {
  const hold = Math.min(10, seconds)
  return [
    {
      name: 'relay',
      title: 'one stream (2.5 Mbit/s video, 128 kbit/s audio) to 300 players, all of them timed',
      subjects: [...variants, ...others, ...floors],
      run: relay(seconds, '--players', 300),
      measures: [cpu, p50, p99, p999, rss, tool],
    },
    {
      name: 'flood-200',
      title: 'messages of 200 bytes as fast as they go, 10 players',
      subjects: [...rtmpipe, ...others],
      run: flood(seconds, 200),
      measures: [messages, bandwidth, rss, tool],
    },
    {
      name: 'flood-16k',
      title: 'messages of 16 KB as fast as they go, 10 players',
      subjects: [...withWorkers, ...others],
      run: flood(seconds, 16_384),
      measures: [bandwidth, messages, rss, tool],
    },
    {
      name: 'idle',
      title: '1,000 sessions that do nothing after connect',
      subjects: [...rtmpipe, ...others],
      run: run('idle', hold + 3, '/live', 'rtmp', '--sessions', 1000, '--hold', hold),
      measures: [
        { key: 'memory', title: 'KB/session', better: 'less', member: 'kb_per_session' },
        { key: 'connecting', title: 'CPU s connecting', better: 'less', member: 'server_cpu_connect_s' },
        { key: 'holding', title: 'CPU s holding', better: 'less', member: 'server_cpu_hold_s' },
      ],
    },
    {
      name: 'connect',
      title: 'TCP connect, handshake, connect, createStream and close, 16 at a time',
      subjects: [...rtmpipe, ...others],
      run: run('connect', seconds + 1, '/live', 'rtmp', '--concurrency', 16, '--src-rotate', '--seconds', seconds),
      measures: [
        { key: 'cpu', title: 'CPU ms/session', better: 'less', member: 'server_cpu_ms_per_session' },
        { key: 'p50', title: 'set-up p50 ms', better: 'less', member: 'setup_ms.p50' },
        { key: 'p99', title: 'set-up p99 ms', better: 'less', member: 'setup_ms.p99' },
        { key: 'rate', title: 'sessions/s', better: 'more', member: 'sessions_per_s' },
        tool,
      ],
    },
    {
      name: 'players-100',
      title: 'one stream to 100 players',
      subjects: [...rtmpipe, ...others],
      run: relay(seconds, '--players', 100),
      measures: [cpu, p50, p99, p999, rss, tool],
    },
    {
      name: 'players-1000',
      title: 'one stream to 1,000 players',
      subjects: [...withWorkers, ...others],
      run: crowd(seconds, '--players', 1000),
      measures: [cpu, p50, p99, p999, rss, tool],
    },
    {
      name: 'players-2000',
      title: 'one stream to 2,000 players, 5.3 Gbit/s',
      subjects: rtmpipe,
      run: crowd(seconds, '--players', 2000),
      measures: [cpu, core, p50, p99, rss, tool],
    },
    relayRow('relay-1x5', 'one stream to 5 players', fewViewers, relay(seconds, '--players', 5)),
    relayRow(
      'relay-20x5',
      '20 streams to 5 players each',
      [...rtmpipe, ...others, merged],
      relay(seconds, '--streams', 20, '--players', 5),
    ),
    relayRow(
      'relay-100x1',
      '100 streams to a player each',
      fewViewers,
      crowd(seconds, '--streams', 100, '--players', 1),
    ),
    relayRow(
      'relay-200x5',
      '200 streams to 5 players each',
      [...rtmpipe, ...others, merged],
      crowd(seconds, '--streams', 200, '--players', 5),
    ),
    relayRow(
      'relay-500x1',
      '500 publishers (500 kbit/s) at once, a player each',
      [...rtmpipe, ...others, merged],
      crowd(seconds, '--streams', 500, '--players', 1, '--kbps', 500),
    ),
    {
      name: 'observed',
      title: 'one stream to 1,000 players, and somebody looks: a scrape each 5 s, a dashboard open',
      subjects: rtmpipe,
      run: crowd(observedSeconds, '--players', 1000),
      watch: watchObserved,
      measures: [
        cpu,
        { key: 'observed', title: 'CPU for looking %', better: 'less', member: 'observed.cpu_pct' },
        rss,
        tool,
      ],
    },
    {
      name: 'late',
      title: 'first picture of 100 players that join one after the other, a keyframe every 2 s',
      subjects: [...rtmpipe, ...others],
      run: relay(lateSeconds, '--players', 100, '--ramp', 25),
      measures: [
        { key: 'p50', title: 'first picture p50 ms', better: 'less', member: 'first_media_ms.p50' },
        { key: 'p99', title: 'first picture p99 ms', better: 'less', member: 'first_media_ms.p99' },
      ],
    },
    tunnelRow(seconds, 'rtmp-50', 'one stream to 50 players over RTMP', rtmpipe, 'rtmp'),
    tunnelRow(seconds, 'rtmpt', 'one stream to 50 players over HTTP (RTMPT)', [...rtmpipe, 'floor-server'], 'rtmpt'),
    tunnelRow(seconds, 'rtmpts', 'one stream to 50 players over HTTPS (RTMPTS)', rtmpipe, 'rtmpts'),
    {
      name: 'rtmfp-50',
      title: 'one stream to 50 players over UDP (RTMFP)',
      subjects: rtmpipe,
      together: 'tunnel',
      run: run('play', seconds + warmUp + rtmfpOverhead, '/live/bench', 'rtmfp', '--players', 50),
      watch: watchRtmfp(seconds, warmUp),
      measures: [
        cpu,
        p50,
        p99,
        { key: 'memory', title: 'RSS KB/player', better: 'less', member: 'rss_kb_per_player' },
        { key: 'connect', title: 'CPU ms/connect', better: 'less', member: 'cpu_ms_per_connect' },
        { key: 'first', title: 'first picture p50 ms', better: 'less', member: 'first_media_ms.p50' },
        tool,
      ],
    },
    clientsRow(seconds, 'rtmp-40', 'one stream (4 Mbit/s) to 40 of our own clients over RTMP', 'rtmp'),
    clientsRow(seconds, 'ws-40', 'one stream (4 Mbit/s) to 40 of our own clients over WebSocket', 'ws'),
    viewersRow(seconds, 'rtmp-500', 'one stream to 500 players over RTMP', 'rtmp'),
    viewersRow(seconds, 'http-flv-500', 'one stream to 500 viewers of FLV over HTTP', 'http'),
    viewersRow(seconds, 'hls-500', 'one stream to 500 viewers of low-latency HLS', 'hls'),
    {
      name: 'creep',
      title: 'latency in the first and the last tenth of a long run, 50 players',
      subjects: rtmpipe,
      once: true,
      run: creep(seconds * creepWindows),
      measures: [
        { key: 'first', title: 'p50 ms at first', better: 'less', member: 'healthy.latency_before_ms.p50' },
        { key: 'last', title: 'p50 ms at last', better: 'less', member: 'healthy.latency_after_ms.p50' },
        rss,
      ],
    },
    {
      name: 'memory',
      title: 'medians of the first and the last quarter of a long run, publishers and players come and go',
      subjects: rtmpipe,
      once: true,
      run: churn(seconds * memoryWindows),
      watch: watchMemory(warmUp, seconds * memoryWindows),
      measures: [
        ...growing('heap', 'heapUsed'),
        ...growing('external', 'external'),
        ...growing('array buffers', 'arrayBuffers'),
        ...growing('RSS', 'rss'),
      ],
    },
  ]
}

/** Several streams with few players, where garbage collection weighs. */
function relayRow(name: string, title: string, subjects: readonly string[], run: LoadRun): Scenario {
  const measures = [cpu, p50, p99, p999, rss, fullCollections, collecting, tool]
  return { name, title, subjects, run, watch: watchCollections, measures }
}

/** What the tunnel costs beside RTMP: all in the same rounds. */
function tunnelRow(
  seconds: number,
  name: string,
  title: string,
  subjects: readonly string[],
  transport: LoadRun['transport'],
): Scenario {
  const run = { ...relay(seconds, '--players', 50), transport }
  return { name, title, subjects, together: 'tunnel', run, measures: [cpu, p50, p99, rss, tool] }
}

/** What WebSockets cost beside RTMP: in the same rounds, and with the same client at the other end. */
function clientsRow(seconds: number, name: string, title: string, scheme: 'rtmp' | 'ws'): Scenario {
  const load = run('play', seconds + warmUp + overhead, '/live/bench', 'rtmp', '--players', 40)
  const watch = watchClients(scheme, seconds, warmUp, 4_000)
  return {
    name,
    title,
    subjects: rtmpipe,
    together: 'web-socket',
    run: load,
    watch,
    measures: [cpu, p50, p99, rss, tool],
  }
}

const viewersSubject = 'rtmpipe --http-flv --hls'

/** What viewers over HTTP cost beside players: in the same rounds, and by the same program. */
function viewersRow(seconds: number, name: string, title: string, scheme: 'rtmp' | 'http' | 'hls'): Scenario {
  const load = run('view', seconds + warmUp + crowdOverhead, '/live/bench', 'rtmp', '--players', 500)
  const watch = watchViewers(scheme, seconds, warmUp)
  const measures = [cpu, core, p50, p99, rss, tool]
  return { name, title, subjects: [viewersSubject], together: 'viewers', run: load, watch, measures }
}

/** The two columns of a kind of memory, see `watchMemory`. */
function growing(title: string, kind: string): Measure[] {
  return [
    { key: `${kind}-first`, title: `${title} MB at first`, better: 'less', member: `memory.${kind}.first` },
    { key: `${kind}-last`, title: `${title} MB at last`, better: 'less', member: `memory.${kind}.last` },
  ]
}

function run(
  mode: string,
  seconds: number,
  path: string,
  transport: LoadRun['transport'],
  ...args: (string | number)[]
): LoadRun {
  return { mode, seconds, path, transport, args: args.map(String) }
}

/** Hundreds of clients that come within seconds, and may take their time to start. */
function crowd(seconds: number, ...args: (string | number)[]): LoadRun {
  const base = relay(seconds, '--ramp', 500, '--timeout-ms', 20_000, ...args)
  return { ...base, seconds: seconds + warmUp + crowdOverhead }
}

function relay(seconds: number, ...args: (string | number)[]): LoadRun {
  const times = ['--warmup-ms', warmUp * 1000, '--seconds', seconds]
  return run('relay', seconds + warmUp + overhead, '/live/bench', 'rtmp', '--probes', 0, ...times, ...args)
}

function flood(seconds: number, bytes: number): LoadRun {
  return run(
    'flood',
    seconds + overhead,
    '/live/bench',
    'rtmp',
    '--players',
    10,
    '--msg-bytes',
    bytes,
    '--seconds',
    seconds,
  )
}

/** The mode for players that stop reading, with none that does: it times three phases of one run apart. */
function creep(seconds: number): LoadRun {
  const tenth = Math.max(1, Math.round(seconds / 10))
  const phases = ['--before-s', tenth, '--stall-s', 8 * tenth, '--after-s', tenth]
  return run(
    'slow',
    10 * tenth + overhead,
    '/live/bench',
    'rtmp',
    '--stalled',
    0,
    '--players',
    50,
    '--probes',
    0,
    ...phases,
  )
}

/** What one lane does in a turn, see `watchMemory`. */
function churn(seconds: number): LoadRun {
  const clients = ['--streams', 5, '--players', 3, '--warmup-ms', 0]
  return run('relay', memorySeconds(warmUp, seconds), '/live/memory', 'rtmp', ...clients)
}
