import { isIPv4, isIPv6 } from 'node:net'
import { isOrigin } from '@rtmpipe/transport-websocket'
import type { Problem } from '../config/problem.ts'
import { either, list, oneOf, type SchemaNode, span, text, whole, yesOrNo } from '../config/schema-node.ts'

/** What a port for everything takes. */
export type Protocol = 'rtmp' | 'rtmps' | 'rtmpt' | 'rtmpts' | 'ws' | 'wss' | 'http'

const protocols: readonly Protocol[] = ['rtmp', 'rtmps', 'rtmpt', 'rtmpts', 'ws', 'wss', 'http']

/** A port from 0 to 65535, where 0 takes a free one; or no such transport. */
export type Port = number | 'off'

/** The least important lines that are logged; `silent` logs nothing. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

/** Where the server listens, how it runs and what it logs; an option of the command line sets the same. */
export interface ServerConfig {
  /** Address to listen on; `0.0.0.0` or `::` for all. Default `127.0.0.1`. */
  readonly host?: string
  /** RTMP port. Default 1935. */
  readonly rtmp?: Port
  /** RTMPS port. Default 1936. */
  readonly rtmps?: Port
  /** RTMPT port (HTTP). Default 8080. */
  readonly rtmpt?: Port
  /** RTMPTS port (HTTPS). Default 8443. */
  readonly rtmpts?: Port
  /** RTMFP port, which is one of UDP: RTMP may have the same number. Default `off`. */
  readonly rtmfp?: Port
  /** What clients of RTMFP are told to connect to, where a router stands between: `HOST` or `HOST:PORT`. */
  readonly rtmfpPublic?: string
  /** For debugging: file that the keys of RTMFP sessions are written to. Who has it can read them. */
  readonly rtmfpKeylog?: string
  /** RTMP over WebSocket at the HTTP ports, for pages: `ws` at RTMPT's, `wss` at RTMPTS's. Default `on`. */
  readonly websocket?: 'on' | 'off'
  /**
   * Origins of pages that may connect by WebSocket, or watch over HTTP, as `https://example.com`; `*` for all. Default: a page has to come from the
   * host and port that it connects to.
   */
  readonly origins?: readonly string[]
  /**
   * One port for RTMP, RTMPE, RTMPS, RTMPT, RTMPTS, WebSockets, HTTP and HTTPS, told apart by their first bytes. Where it is on, the
   * other ports are off unless they are set. Default `off`.
   */
  readonly port?: Port
  /** What `port` takes; `http` is the API, the dashboard and all else over HTTP and HTTPS. Default all. */
  readonly protocols?: readonly Protocol[]
  /** The newest version of TLS that is offered. Default 1.3. */
  readonly tlsMax?: '1.2' | '1.3'
  /**
   * RTMPS and RTMPTS offer what old cameras know as well: TLS 1.0 and 1.1, and old cipher suites. They are weak, see
   * docs/config.md. Default false.
   */
  readonly tlsCompat?: boolean
  /**
   * Pages for everybody on the HTTP ports: a list of live streams, a player for each, and one to publish from. Default
   * false.
   */
  readonly web?: boolean
  /** Processes that share the work; any player sees any stream. Default 1. */
  readonly workers?: number
  /** Milliseconds that live messages are held to be sent together, at most; 0 is lowest latency. Default 20. */
  readonly mergeWindow?: number
  /**
   * Seconds that a player waits for somebody to publish what it asks for, until it is told that there is no such stream;
   * `off` lets it wait as long as it likes. Default 30.
   */
  readonly publishWait?: number | 'off'
  /** Data folder. Default `.rtmpipe`. */
  readonly data?: string
  /** The least important lines to log. Default `info`. */
  readonly logLevel?: LogLevel
}

function port(description: string, initial: Port): SchemaNode {
  const choices = [whole('', 0, 65_535), oneOf('', ['off'])]
  return either(description, choices, 'a port from 0 to 65535, or off', { default: initial })
}

const publicExpected = 'HOST or HOST:PORT, like live.example.com, 192.0.2.7:1935 or [2001:db8::7]:1935'

export const serverSettings: { readonly [Name in keyof Required<ServerConfig>]: SchemaNode } = {
  host: text('address to listen on; 0.0.0.0 or :: for all', { default: '127.0.0.1', expected: 'an address' }),
  rtmp: port('RTMP port; 0 takes a free one', 1935),
  rtmps: port('RTMPS port', 1936),
  rtmpt: port('RTMPT port (HTTP)', 8080),
  rtmpts: port('RTMPTS port (HTTPS)', 8443),
  rtmfp: port('RTMFP port (UDP), as 1935; RTMP may have the same number', 'off'),
  rtmfpPublic: text('host, and port if it is another, that clients reach RTMFP at from outside', {
    expected: publicExpected,
    example: 'live.example.com:1935',
  }),
  rtmfpKeylog: text('for debugging: file for the keys of RTMFP sessions, which can be read with it', {
    expected: 'a file',
    example: 'rtmfp.keys',
  }),
  websocket: oneOf('RTMP over WebSocket at the HTTP ports, for pages', ['on', 'off'], { default: 'on' }),
  origins: list(
    'origins of pages that may connect by WebSocket or watch over HTTP, * for all; those of the same host and port unless set',
    text('', { expected: 'an origin like https://example.com, or *' }),
    { minItems: 1, example: ['https://example.com'] },
  ),
  port: port('one port for all of them and HTTP; the others are off then unless they are set', 'off'),
  protocols: list('what port takes: rtmp, rtmps, rtmpt, rtmpts, ws, wss, http; all unless set', oneOf('', protocols), {
    minItems: 1,
    example: ['rtmps', 'rtmpts'],
  }),
  tlsMax: oneOf('newest version of TLS that is offered', ['1.2', '1.3'], { default: '1.3' }),
  tlsCompat: yesOrNo('offer old cameras TLS 1.0, 1.1 and old cipher suites too, which are weak', false),
  web: yesOrNo('pages for everybody on the HTTP ports, to watch and to publish', false),
  workers: whole('processes that share the work; any player sees any stream', 1, 64, 1),
  mergeWindow: whole('milliseconds to hold live messages to send them together; 0 is lowest latency', 0, 10_000, 20),
  publishWait: either(
    'seconds that a player waits for a stream that nobody publishes; off for no limit',
    [{ ...span(''), maximum: 86_400 }, oneOf('', ['off'])],
    'seconds from 0 to 86400, or off',
    { default: 30 },
  ),
  data: text('data folder', { default: '.rtmpipe', expected: 'a folder' }),
  logLevel: oneOf('what is logged', ['debug', 'info', 'warn', 'error', 'silent'], { default: 'info' }),
}

/** What several workers mean for them. */
export const serverWithWorkers: readonly { readonly settings: readonly string[]; readonly means: string }[] = [
  { settings: ['host', 'rtmp', 'rtmps'], means: 'all workers serve the same ports; connections are spread over them' },
  {
    settings: ['rtmpt', 'rtmpts'],
    means:
      'the same; a tunnel stays at the worker that opened it, which gets its requests wherever they come, and the first worker answers what is not tunnel',
  },
  {
    settings: ['websocket', 'origins'],
    means: 'a WebSocket is served by the worker that it came to; at port by the first one',
  },
  {
    settings: ['rtmfpKeylog'],
    means: 'all workers write to the same file',
  },
  {
    settings: ['rtmfp', 'rtmfpPublic'],
    means:
      'where the system spreads UDP over processes (Node 22.12, 23.1 or newer, Linux or BSD) all workers serve the port, and a session stays at its worker as long as its client keeps its address; elsewhere, and with port 0, the first worker serves it alone',
  },
  {
    settings: ['port', 'protocols'],
    means: 'all workers take connections; what is HTTP is handed to the first one, inside of this machine',
  },
  {
    settings: ['web'],
    means:
      'the first worker has the pages, and lists the streams of all; what is said in a chat is heard by those at the same worker',
  },
  {
    settings: ['tlsMax', 'tlsCompat', 'mergeWindow', 'publishWait', 'data', 'logLevel'],
    means: 'the same for all; lines of the log have `worker`',
  },
]

/** Variables between the processes of `--workers`; nobody else sets them. */
export const workerVariables = { slot: 'RTMPIPE_WORKER_SLOT', socket: 'RTMPIPE_WORKER_SOCKET' } as const

export function isOn(port: Port): port is number {
  return typeof port === 'number'
}

/** Whoever asks for one port wants no other. */
export function serverDefaultsFor({ port }: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if (port === undefined || port === 'off') return {}
  return { rtmp: 'off', rtmps: 'off', rtmpt: 'off', rtmpts: 'off' }
}

/** Who chooses what one port takes and has no such port would serve all else as ever, and not know it. */
export function onePortProblems({ port, protocols }: Pick<ServerConfig, 'port' | 'protocols'>): readonly Problem[] {
  if (protocols === undefined || (port !== undefined && isOn(port))) return []
  return [{ path: ['protocols'], text: 'it is for port, which is off: the other ports have options of their own' }]
}

/** What the port for everything takes. */
export function protocolsOf(
  { protocols: given, websocket }: Pick<ServerConfig, 'protocols' | 'websocket'>,
  hasTls: boolean,
): readonly Protocol[] | undefined {
  if (websocket !== 'off') return given
  const possible = given ?? protocols.filter(name => hasTls || !['rtmps', 'rtmpts'].includes(name))
  return possible.filter(name => name !== 'ws' && name !== 'wss')
}

/** What is no origin, and origins without WebSockets. */
export function originsProblems({
  origins,
  websocket,
  httpFlv,
}: Pick<ServerConfig, 'origins' | 'websocket'> & { readonly httpFlv?: object }): readonly Problem[] {
  if (origins === undefined) return []
  if (websocket === 'off' && httpFlv === undefined)
    return [{ path: ['origins'], text: 'it is for WebSockets, which are off' }]
  return origins.flatMap((origin, index) =>
    isOrigin(origin)
      ? []
      : [{ path: ['origins', index], text: 'expected an origin like https://example.com, or *', shown: origin }],
  )
}

/** Pages that nobody can get at, or that can play nothing. */
export function webProblems({
  web,
  websocket,
  rtmpt,
  rtmpts,
  port,
  protocols = ['http', 'ws'],
}: Required<Pick<ServerConfig, 'web' | 'websocket' | 'rtmpt' | 'rtmpts' | 'port'>> &
  Pick<ServerConfig, 'protocols'>): readonly Problem[] {
  if (!web) return []
  if (websocket === 'off') return [{ path: ['web'], text: 'pages play by WebSocket, which is off' }]
  const takesPages = protocols.includes('http') && protocols.some(name => name === 'ws' || name === 'wss')
  if (isOn(rtmpt) || isOn(rtmpts) || (isOn(port) && takesPages)) return []
  const text = 'pages need an HTTP port: set rtmpt or rtmpts, or port with http and ws or wss among its protocols'
  return [{ path: ['web'], text }]
}

/** Where clients are told to connect to. */
export interface PublicAddress {
  readonly host: string
  /** Undefined for the port that is bound. */
  readonly port: number | undefined
}

/** What `rtmfpPublic` says; undefined if it is no such address. IPv6 stands in brackets, and has none here. */
export function publicAddressOf(text: string): PublicAddress | undefined {
  const [, inBrackets, name = '', digits] = /^(?:\[([^\]]*)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text) ?? []
  const port = digits === undefined ? undefined : Number(digits)
  if (port !== undefined && (port < 1 || port > 65_535)) return undefined
  if (inBrackets !== undefined) return isIPv6(inBrackets) ? { host: inBrackets, port } : undefined
  const isName = /^(?=.{1,253}$)[a-z\d_]([a-z\d_-]*[a-z\d_])?(\.[a-z\d_]([a-z\d_-]*[a-z\d_])?)*$/i.test(name)
  // Digits and dots alone are meant as an address.
  return isName && (isIPv4(name) || !/^[\d.]+$/.test(name)) ? { host: name, port } : undefined
}

/** What clients are told, where nobody could reach it. */
export function rtmfpProblems(config: Pick<ServerConfig, 'rtmfp' | 'rtmfpPublic' | 'rtmfpKeylog'>): readonly Problem[] {
  const { rtmfp, rtmfpPublic } = config
  if (rtmfpPublic !== undefined && publicAddressOf(rtmfpPublic) === undefined)
    return [{ path: ['rtmfpPublic'], text: `expected ${publicExpected}`, shown: rtmfpPublic }]
  if (rtmfp !== undefined && isOn(rtmfp)) return []
  return (['rtmfpPublic', 'rtmfpKeylog'] as const)
    .filter(name => config[name] !== undefined)
    .map(name => ({ path: [name], text: 'it is for rtmfp, which is off' }))
}

/** The same in milliseconds, for the server. */
export function publishWaitOf({ publishWait }: Required<Pick<ServerConfig, 'publishWait'>>): number {
  return publishWait === 'off' ? Infinity : publishWait * 1_000
}

/** Whether there is a port for HTTP. */
export function servesHttp({
  rtmpt,
  rtmpts,
  port,
}: Required<Pick<ServerConfig, 'rtmpt' | 'rtmpts' | 'port'>>): boolean {
  return isOn(rtmpt) || isOn(rtmpts) || isOn(port)
}

/** Whether there is a transport over TLS. */
export function needsCertificate({
  rtmps,
  rtmpts,
  port,
}: Required<Pick<ServerConfig, 'rtmps' | 'rtmpts' | 'port'>>): boolean {
  return isOn(rtmps) || isOn(rtmpts) || isOn(port)
}
