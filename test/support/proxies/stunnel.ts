import type { Kind } from './kind.ts'

export const stunnel: Kind = {
  file: 'stunnel.conf',
  replace: [
    [/^; stunnel/, () => 'foreground = yes\npid =\n; stunnel'],
    [/accept = 443/g, ({ https }) => `accept = 127.0.0.1:${https}`],
    [/accept = 1936/g, ({ rtmp }) => `accept = 127.0.0.1:${rtmp}`],
    [/127\.0\.0\.1:8080/g, ({ upstreamHttp }) => `127.0.0.1:${upstreamHttp}`],
    [/127\.0\.0\.1:1935/g, ({ upstreamRtmp }) => `127.0.0.1:${upstreamRtmp}`],
    [/\/etc\/stunnel\/live\.example\.org\.pem/g, ({ folder }) => `${folder}/both.pem`],
  ],
  start: config => ({ file: '/usr/bin/stunnel4', args: [config] }),
  ready: 'https',
}
