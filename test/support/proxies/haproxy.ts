import type { Kind } from './kind.ts'

export const haproxy: Kind = {
  file: 'haproxy.cfg',
  replace: [
    // As many as the machine that runs tests allows.
    [/maxconn 20000/g, () => 'maxconn 500'],
    [/bind :80$/gm, ({ http }) => `bind 127.0.0.1:${http}`],
    [/bind :443 /g, ({ https }) => `bind 127.0.0.1:${https} `],
    [/bind :1935$/gm, ({ rtmp }) => `bind 127.0.0.1:${rtmp}`],
    [/127\.0\.0\.1:8080/g, ({ upstreamHttp }) => `127.0.0.1:${upstreamHttp}`],
    [/127\.0\.0\.1:11935/g, ({ upstreamRtmp }) => `127.0.0.1:${upstreamRtmp}`],
    [/ port 8080$/gm, ({ upstreamHttp }) => ` port ${upstreamHttp}`],
    [/\/etc\/haproxy\/live\.example\.org\.pem/g, ({ folder }) => `${folder}/both.pem`],
  ],
  start: config => ({ file: '/usr/sbin/haproxy', args: ['-W', '-f', config] }),
  ready: 'http',
}
