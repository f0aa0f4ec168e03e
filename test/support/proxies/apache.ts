import type { Kind } from './kind.ts'

const modules = ['mpm_event', 'authz_core', 'headers', 'socache_shmcb', 'ssl', 'proxy', 'proxy_http']

/** A site: Debian's own files load the modules and open the ports. */
export const apache: Kind = {
  file: 'apache.conf',
  replace: [
    [
      /^# Apache/,
      ({ http, https, folder }) =>
        [
          `ServerRoot ${folder}`,
          'ServerName 127.0.0.1',
          ...modules.map(name => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`),
          `DefaultRuntimeDir ${folder}`,
          `PidFile ${folder}/apache.pid`,
          `ErrorLog ${folder}/error.log`,
          ...(process.getuid?.() === 0 ? ['User www-data', 'Group www-data'] : []),
          `Listen 127.0.0.1:${http}`,
          `Listen 127.0.0.1:${https}`,
          '# Apache',
        ].join('\n'),
    ],
    [/\*:80>/g, ({ http }) => `*:${http}>`],
    [/\*:443>/g, ({ https }) => `*:${https}>`],
    [/127\.0\.0\.1:8080/g, ({ upstreamHttp }) => `127.0.0.1:${upstreamHttp}`],
    [/\/etc\/letsencrypt\/live\/live\.example\.org/g, ({ folder }) => folder],
  ],
  start: config => ({ file: '/usr/sbin/apache2', args: ['-D', 'FOREGROUND', '-f', config] }),
  ready: 'http',
}
