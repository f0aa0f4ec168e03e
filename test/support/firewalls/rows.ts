import type { Proxy } from '../proxy.ts'
import type { Replacement } from '../proxies/kind.ts'
import type { ServerProcess } from '../server-process.ts'
import type { GivesUp, Outcome, PlayerName, PublisherName, Row } from './row.ts'

const closed: GivesUp = {
  mark: 'ends ¹',
  sentence:
    'The proxy closes a connection that it had promised to keep, after some requests or after each. ffmpeg and librtmp do not open another one.',
}
const smallLetters: GivesUp = {
  mark: 'ends ²',
  sentence: 'librtmp does not find `content-length` in small letters.',
}
export const reasons: readonly GivesUp[] = [closed, smallLetters]

type Play = Row['play']
type Publish = Row['publish']

const all: { play: Play; publish: Publish } = {
  play: { ffmpeg: 'exact', rtmpdump: 'exact', rtmpsrc: 'exact', rtmpipe: 'exact' },
  publish: { ffmpeg: 'exact', rtmpsink: 'exact', rtmpipe: 'exact' },
}

/** librtmp fails or crashes at the TLS 1.3 of these proxies, so it is not asked. rtmpipe itself offers it 1.2. */
const allButLibrtmp = {
  play: { ...all.play, rtmpdump: 'cannot', rtmpsrc: 'cannot' },
  publish: { ...all.publish, rtmpsink: 'cannot' },
} satisfies typeof all

/** At TLS 1.2 it does. GStreamer's elements know no way to leave the certificate unchecked. */
const librtmpAlone = {
  play: { ffmpeg: 'untried', rtmpdump: 'exact', rtmpsrc: 'untried', rtmpipe: 'untried' },
  publish: { ffmpeg: 'untried', rtmpsink: 'untried', rtmpipe: 'untried' },
} satisfies typeof all

const oursAlone = (why: Outcome): typeof all => ({
  play: { ffmpeg: why, rtmpdump: why, rtmpsrc: why, rtmpipe: 'exact' },
  publish: { ffmpeg: why, rtmpsink: why, rtmpipe: 'exact' },
})

const librtmpGivesUp = {
  play: { ...all.play, rtmpdump: smallLetters, rtmpsrc: smallLetters },
  publish: { ...all.publish, rtmpsink: smallLetters },
} satisfies typeof all

/**
 * What publishers over HTTP lose by the way they end. ffmpeg drops what it has gathered, less than ten packets. librtmp closes
 * while its last requests wait at the proxy, which drops them: the busier the machine, the more.
 */
const tunnelled = { ffmpeg: 10, rtmpsink: 100 } as const

/** Forward proxies: ours and ffmpeg by the environment, librtmp not at all. */
const forward = (ffmpeg: Outcome): Pick<Row, 'play' | 'publish'> => ({
  play: { ffmpeg, rtmpdump: 'cannot', rtmpsrc: 'cannot', rtmpipe: 'exact' },
  publish: { ffmpeg, rtmpsink: 'cannot', rtmpipe: 'exact' },
})

const rtmpt = (_server: ServerProcess, proxy?: Proxy): string => `rtmpt://${proxy?.http}`
const rtmpts = (_server: ServerProcess, proxy?: Proxy): string => `rtmpts://${proxy?.https}`
const variables = (proxy: Proxy): Record<string, string> => {
  const url = `http://${proxy.http}`
  // Both ways to write them: programs differ in which they look at.
  return {
    http_proxy: url,
    HTTP_PROXY: url,
    https_proxy: url,
    HTTPS_PROXY: url,
    all_proxy: url,
    ALL_PROXY: url,
    no_proxy: '',
    NO_PROXY: '',
  }
}
const change = (from: RegExp, to: string): Replacement => [from, () => to]

/** haproxy with the PROXY protocol, its looks at `/health` included. */
export const haproxySends = (word: string): readonly Replacement[] => [
  change(/check inter 5s/g, `${word} check-send-proxy check inter 5s`),
  change(/track rtmpipe_http/, `${word} track rtmpipe_http`),
]

/** nginx as somebody has it who has only written `proxy_pass`: HTTP/1.0, a connection per request, buffers. */
const nginxByItself: readonly Replacement[] = [
  change(/ {4}keepalive 256;\n/, ''),
  change(/ {4}keepalive_timeout 15s;\n/, ''),
  change(/ +proxy_http_version 1\.1;\n/, ''),
  change(/ +proxy_set_header Connection [^;]+;\n/, ''),
  change(/ +proxy_buffering off;\n/, ''),
  change(/ +proxy_request_buffering off;\n/, ''),
]
const buffering: readonly Replacement[] = [
  change(/proxy_buffering off;/, ''),
  change(/proxy_request_buffering off;/, ''),
]
const gzip = change(/access_log off;/, 'access_log off; gzip on; gzip_proxied any; gzip_types *; gzip_min_length 0;')

/** What ffmpeg has to be told to use a proxy for RTMPTS. */
const byConnect = ['-protocol_whitelist', 'file,pipe,crypto,rtmpts,ffrtmphttp,https,http,tcp,tls,httpproxy']

const knowsProxies = ['--proxy-protocol', '127.0.0.1']
const haproxyWithHeader = (word: string): Pick<Row, 'proxy' | 'changes' | 'serve'> => ({
  proxy: 'haproxy',
  changes: haproxySends(word),
  serve: knowsProxies,
})

/** Everything that is tried, in the order of the table. */
export const rows: readonly Row[] = [
  { title: 'none, RTMP', url: ({ urls }) => urls.rtmp, ...all },
  { title: 'none, RTMPS', url: ({ urls }) => urls.rtmps, ...all },
  { title: 'none, RTMPT', url: ({ urls }) => urls.rtmpt, ...all, lostAtEnd: tunnelled },
  { title: 'none, RTMPTS', url: ({ urls }) => urls.rtmpts, ...all, lostAtEnd: tunnelled },
  {
    title: 'none, RTMPT, ffmpeg with `-rtmp_flush_interval 1`',
    url: server => server.urls.rtmpt,
    ffmpeg: ['-rtmp_flush_interval', '1'],
    play: { ffmpeg: 'untried', rtmpdump: 'untried', rtmpsrc: 'untried', rtmpipe: 'untried' },
    publish: { ffmpeg: 'exact', rtmpsink: 'untried', rtmpipe: 'untried' },
  },
  {
    title: '[nginx](proxies/nginx.conf)',
    proxy: 'nginx',
    url: rtmpt,
    ...all,
    lostAtEnd: tunnelled,
    always: ['play ffmpeg', 'play rtmpsrc', 'play rtmpipe', 'publish ffmpeg', 'publish rtmpsink', 'publish rtmpipe'],
  },
  { title: 'nginx, HTTPS', proxy: 'nginx', url: rtmpts, ...allButLibrtmp, lostAtEnd: tunnelled },
  {
    title: 'nginx, HTTPS, TLS 1.2 at most',
    proxy: 'nginx',
    changes: [change(/TLSv1\.2 TLSv1\.3/, 'TLSv1.2')],
    url: rtmpts,
    ...librtmpAlone,
  },
  {
    title: 'nginx, HTTPS on both sides',
    proxy: 'nginx',
    changes: [change(/proxy_pass http:/, 'proxy_pass https:')],
    upstream: { http: 'rtmpts' },
    url: rtmpts,
    ...allButLibrtmp,
    lostAtEnd: tunnelled,
  },
  {
    title: 'nginx with buffers',
    proxy: 'nginx',
    changes: buffering,
    url: rtmpt,
    ...all,
    lostAtEnd: tunnelled,
  },
  {
    title: 'nginx with buffers and gzip',
    proxy: 'nginx',
    changes: [...buffering, gzip],
    url: rtmpt,
    ...all,
    lostAtEnd: tunnelled,
  },
  {
    title: 'nginx with `proxy_pass` alone',
    proxy: 'nginx',
    changes: nginxByItself,
    url: rtmpt,
    ...all,
    lostAtEnd: tunnelled,
  },
  {
    title: 'nginx, `keepalive_timeout 0`',
    proxy: 'nginx',
    changes: [change(/keepalive_timeout 60s;/, 'keepalive_timeout 0;')],
    url: rtmpt,
    ...oursAlone(closed),
    always: ['play rtmpipe', 'publish rtmpipe'],
  },
  {
    title: '[Apache](proxies/apache.conf)',
    proxy: 'apache',
    url: rtmpt,
    ...all,
    lostAtEnd: tunnelled,
    always: ['play rtmpdump', 'publish ffmpeg'],
  },
  { title: 'Apache, HTTPS', proxy: 'apache', url: rtmpts, ...allButLibrtmp, lostAtEnd: tunnelled },
  {
    title: 'Apache, `MaxKeepAliveRequests 100` (its default)',
    proxy: 'apache',
    changes: [change(/MaxKeepAliveRequests 0/, 'MaxKeepAliveRequests 100')],
    url: rtmpt,
    ...oursAlone(closed),
  },
  { title: '[Caddy](proxies/Caddyfile)', proxy: 'caddy', url: rtmpt, ...all, lostAtEnd: tunnelled },
  {
    title: 'Caddy, HTTPS',
    proxy: 'caddy',
    url: rtmpts,
    ...allButLibrtmp,
    lostAtEnd: tunnelled,
    always: ['play ffmpeg', 'publish rtmpipe'],
  },
  {
    title: '[varnish](proxies/varnish.vcl)',
    proxy: 'varnish',
    url: rtmpt,
    ...all,
    lostAtEnd: tunnelled,
    always: ['play ffmpeg'],
  },
  {
    title: '[haproxy](proxies/haproxy.cfg)',
    proxy: 'haproxy',
    url: rtmpt,
    ...all,
    lostAtEnd: tunnelled,
    always: ['play rtmpdump'],
  },
  { title: 'haproxy, HTTPS', proxy: 'haproxy', url: rtmpts, ...allButLibrtmp, lostAtEnd: tunnelled },
  {
    title: 'haproxy without `h1-case-adjust`',
    proxy: 'haproxy',
    changes: [change(/ {2}option h1-case-adjust-bogus-client\n/, '')],
    url: rtmpt,
    ...librtmpGivesUp,
    lostAtEnd: tunnelled,
  },
  {
    title: 'haproxy, `option httpclose`',
    proxy: 'haproxy',
    changes: [change(/option h1-case-adjust-bogus-client/, 'option h1-case-adjust-bogus-client\n  option httpclose')],
    url: rtmpt,
    ...oursAlone(closed),
  },
  {
    title: 'haproxy, `mode tcp`, RTMP',
    proxy: 'haproxy',
    url: (_server, proxy) => `rtmp://${proxy?.rtmp}`,
    ...all,
  },
  {
    title: 'haproxy, `mode tcp`, RTMPT',
    proxy: 'haproxy',
    upstream: { rtmp: 'rtmpt' },
    url: (_server, proxy) => `rtmpt://${proxy?.rtmp}`,
    ...all,
    lostAtEnd: tunnelled,
  },
  {
    title: '[stunnel](proxies/stunnel.conf), RTMPTS',
    proxy: 'stunnel',
    url: rtmpts,
    ...allButLibrtmp,
    lostAtEnd: tunnelled,
    always: ['play rtmpipe'],
  },
  {
    title: 'stunnel, RTMPS',
    proxy: 'stunnel',
    url: (_server, proxy) => `rtmps://${proxy?.rtmp}`,
    ...allButLibrtmp,
  },
  {
    title: '[squid](proxies/squid.conf), forward, RTMPT',
    proxy: 'squid',
    url: server => server.urls.rtmpt,
    env: variables,
    ...forward('exact'),
    lostAtEnd: tunnelled,
    always: ['play ffmpeg', 'play rtmpipe', 'publish rtmpipe'],
  },
  {
    title: 'squid, forward, RTMPTS by CONNECT',
    proxy: 'squid',
    url: server => server.urls.rtmpts,
    env: variables,
    ffmpeg: byConnect,
    ...forward('exact'),
    lostAtEnd: tunnelled,
  },
  {
    title: 'squid, forward, RTMPS by CONNECT',
    proxy: 'squid',
    url: server => server.urls.rtmps,
    env: variables,
    // Whether ffmpeg hangs depends on the bit rate.
    ...forward('untried'),
  },
  {
    title: 'squid, forward, RTMP by CONNECT',
    proxy: 'squid',
    url: server => server.urls.rtmp,
    env: variables,
    ...forward('cannot'),
  },
  {
    title: '[tinyproxy](proxies/tinyproxy.conf), forward, RTMPT',
    proxy: 'tinyproxy',
    url: server => server.urls.rtmpt,
    env: variables,
    ...forward(closed),
  },
  {
    title: 'tinyproxy, forward, RTMPTS by CONNECT',
    proxy: 'tinyproxy',
    url: server => server.urls.rtmpts,
    env: variables,
    ffmpeg: byConnect,
    ...forward('exact'),
    lostAtEnd: tunnelled,
  },
  {
    title: 'haproxy, `send-proxy`, RTMPT',
    ...haproxyWithHeader('send-proxy'),
    url: rtmpt,
    ...all,
    lostAtEnd: tunnelled,
  },
  {
    title: 'haproxy, `send-proxy-v2`, `mode tcp`, RTMP',
    ...haproxyWithHeader('send-proxy-v2'),
    url: (_server, proxy) => `rtmp://${proxy?.rtmp}`,
    ...all,
  },
  {
    title: 'stunnel, `protocol = proxy`, RTMPTS',
    proxy: 'stunnel',
    changes: [change(/^cert = /gm, 'protocol = proxy\ncert = ')],
    serve: knowsProxies,
    url: rtmpts,
    ...allButLibrtmp,
    lostAtEnd: tunnelled,
  },
  {
    title: 'nginx with `proxy_pass` alone, four workers',
    proxy: 'nginx',
    changes: nginxByItself,
    serve: ['--workers', '4'],
    url: rtmpt,
    ...all,
    lostAtEnd: tunnelled,
  },
]

/** What a column of the table is called. */
export const columns: readonly (readonly ['play', PlayerName] | readonly ['publish', PublisherName])[] = [
  ['play', 'ffmpeg'],
  ['play', 'rtmpdump'],
  ['play', 'rtmpsrc'],
  ['play', 'rtmpipe'],
  ['publish', 'ffmpeg'],
  ['publish', 'rtmpsink'],
  ['publish', 'rtmpipe'],
]
