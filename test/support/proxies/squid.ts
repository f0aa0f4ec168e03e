import { forwarding, type Kind } from './kind.ts'

/** Writes no files, and needs none: it gives up the rights of root. */
const homeless = [
  'pid_filename none',
  'access_log none',
  'cache_log /dev/null',
  'netdb_filename none',
  'pinger_enable off',
  'visible_hostname squid.test',
  'cache_mem 8 MB',
  'shutdown_lifetime 0 seconds',
  `tcp_outgoing_address ${forwarding}`,
]

export const squid: Kind = {
  file: 'squid.conf',
  replace: [
    [/^# squid/, () => `${homeless.join('\n')}\n# squid`],
    [/http_port 3128/g, ({ http }) => `http_port 127.0.0.1:${http}`],
    // The server listens on a free port.
    [/(acl (?:http|tls)_ports port) .*$/gm, () => '$1 1-65535'],
    [/src 10\.0\.0\.0\/8/g, () => 'src 127.0.0.0/8'],
  ],
  start: config => ({ file: '/usr/sbin/squid', args: ['-N', '-f', config] }),
  ready: 'http',
}
