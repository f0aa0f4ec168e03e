import type { SettingOption } from '../config/command-line-layer.ts'

// Plain data without imports: `rtmpipe` prints it in its help before it loads the rest.

/** An option of `rtmpipe serve`. Defaults are those of the schema, as text. */
export interface ServeOption extends SettingOption {
  readonly description: string
  readonly default?: string | false
  /** True of what may be given several times. */
  readonly isList?: boolean
}

/** Options of `rtmpipe serve` that stand for settings. */
export const serveOptions: readonly ServeOption[] = [
  {
    flags: '--host <address>',
    path: ['host'],
    description: 'address to listen on; 0.0.0.0 or :: for all',
    default: '127.0.0.1',
  },
  { flags: '--rtmp <port|off>', path: ['rtmp'], description: 'RTMP port; 0 takes a free one', default: '1935' },
  { flags: '--rtmps <port|off>', path: ['rtmps'], description: 'RTMPS port', default: '1936' },
  { flags: '--rtmpt <port|off>', path: ['rtmpt'], description: 'RTMPT port (HTTP)', default: '8080' },
  { flags: '--rtmpts <port|off>', path: ['rtmpts'], description: 'RTMPTS port (HTTPS)', default: '8443' },
  {
    flags: '--rtmfp [port|off]',
    path: ['rtmfp'],
    description: 'RTMFP port, which is one of UDP: 1935 unless given, which RTMP may have too',
    default: 'off',
    alone: 1935,
  },
  {
    flags: '--rtmfp-public <host[:port]>',
    path: ['rtmfpPublic'],
    description: 'what clients reach RTMFP at from outside, where a router stands between',
  },
  {
    flags: '--rtmfp-keylog <file>',
    path: ['rtmfpKeylog'],
    description:
      'for debugging: write the keys of RTMFP sessions to this file, for rtmpipe dump; it lets anybody read them',
  },
  {
    flags: '--websocket <on|off>',
    path: ['websocket'],
    description: 'RTMP over WebSocket at the HTTP ports, for pages: ws at that of RTMPT, wss at that of RTMPTS',
    default: 'on',
  },
  {
    flags: '--origin <origin>',
    path: ['origins'],
    description:
      'pages that may connect by WebSocket or watch over HTTP, as https://example.com, or * for all; give it again for more; those of the same host and port unless given',
    isList: true,
  },
  {
    flags: '--port <port|off>',
    path: ['port'],
    description: 'one port for all of these and HTTP, as 443; then the others are off unless they are given',
    default: 'off',
  },
  {
    flags: '--protocol <name>',
    path: ['protocols'],
    description:
      'what --port takes: rtmp, rtmps, rtmpt, rtmpts, ws, wss or http; give it again for more; all unless given',
    isList: true,
  },
  {
    flags: '--web',
    path: ['web'],
    description: 'pages for everybody on the HTTP ports: live streams, a player for each, and one to publish from',
    default: false,
  },
  {
    flags: '--workers <n>',
    path: ['workers'],
    description: 'processes that share the work; any player sees any stream',
    default: '1',
  },
  {
    flags: '--cluster <servers>',
    path: ['cluster', 'nats', 'servers'],
    description:
      'servers of NATS at which this machine meets others, as nats://host:4222,nats://other:4222; any player sees any stream',
  },
  {
    flags: '--merge-window <ms>',
    path: ['mergeWindow'],
    description: 'hold live messages for up to so long to send them together; 0 is lowest latency',
    default: '20',
  },
  {
    flags: '--publish-wait <seconds|off>',
    path: ['publishWait'],
    description: 'how long a player waits for a stream that nobody publishes',
    default: '30',
  },
  {
    flags: '--publish-key <key>',
    path: ['auth', 'publishKeys', 'keys'],
    description: 'let only publishers in whose stream key is name?key=<key>; give it again for more keys',
    isList: true,
  },
  {
    flags: '--cert <file>',
    path: ['certificate', 'cert'],
    description: 'certificate, PEM; without it a self-signed one is made and kept in the data folder',
  },
  { flags: '--key <file>', path: ['certificate', 'key'], description: 'its private key, PEM' },
  {
    flags: '--tls-max <version>',
    path: ['tlsMax'],
    description: 'newest version of TLS that is offered, 1.2 or 1.3; 1.2 is for clients that fail with 1.3',
    default: '1.3',
  },
  {
    flags: '--tls-compat',
    path: ['tlsCompat'],
    description: 'offer old cameras TLS 1.0, 1.1 and old cipher suites too, which are weak',
    default: false,
  },
  {
    flags: '--http-flv',
    path: ['httpFlv'],
    description: 'viewers of FLV on the HTTP ports, at /APP/NAME.flv over HTTP and WebSocket',
  },
  {
    flags: '--hls',
    path: ['hls'],
    description: 'HLS and low-latency HLS on the HTTP ports, at /APP/NAME/index.m3u8',
  },
  {
    flags: '--trust-proxy <list>',
    path: ['trustProxy'],
    description:
      'proxies whose X-Forwarded-For or Forwarded is believed, as loopback,10.0.0.0/8; or how many there are in a row',
  },
  {
    flags: '--proxy-protocol <list>',
    path: ['proxyProtocol'],
    description: 'proxies that have to speak the PROXY protocol, as 10.0.0.5,10.1.0.0/16; nobody else can connect then',
  },
  {
    flags: '--admin-token <token>',
    path: ['adminToken'],
    description:
      'of those who may see and change everything over HTTP; without it one is made and kept in the data folder',
  },
  {
    flags: '--view-token <token>',
    path: ['viewToken'],
    description: 'of those who may look over HTTP, and change nothing',
  },
  {
    flags: '--push <url>',
    path: ['relay', 'push', 'to'],
    description: 'publish every stream at <url>/NAME too, like rtmp://host/app; give it again for more',
    isList: true,
  },
  {
    flags: '--record <folder>',
    path: ['record', 'dir'],
    description: 'record every stream, as APP/STREAM-YYYYMMDD-HHMMSS in this folder',
  },
  {
    flags: '--record-format <format>',
    path: ['record', 'format'],
    only: ['record'],
    description: 'flv, or mp4 (fragmented)',
    default: 'flv',
  },
  {
    flags: '--vod <folder>',
    path: ['vod', 'dir'],
    description: 'play the FLV and MP4 files of this folder, as vod/FILE',
  },
  { flags: '--data <folder>', path: ['data'], description: 'data folder', default: '.rtmpipe' },
  {
    flags: '--log-level <level>',
    path: ['logLevel'],
    description: 'debug, info, warn, error or silent',
    default: 'info',
  },
]
