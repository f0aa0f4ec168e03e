import type { Kind } from './kind.ts'

export const caddy: Kind = {
  file: 'Caddyfile',
  replace: [
    [
      /auto_https disable_redirects/g,
      ({ http, https }) =>
        `auto_https disable_redirects\n\thttp_port ${http}\n\thttps_port ${https}\n\tadmin off\n\tskip_install_trust`,
    ],
    [/^http:\/\/live\.example\.org/gm, () => 'http://127.0.0.1'],
    [
      /^https:\/\/live\.example\.org \{/gm,
      ({ folder }) => `https://127.0.0.1 {\n\ttls ${folder}/fullchain.pem ${folder}/privkey.pem`,
    ],
    [/127\.0\.0\.1:8080/g, ({ upstreamHttp }) => `127.0.0.1:${upstreamHttp}`],
  ],
  start: config => ({ file: 'caddy', args: ['run', '--adapter', 'caddyfile', '--config', config] }),
  ready: 'http',
}
