import type { Kind } from './kind.ts'

export const nginx: Kind = {
  file: 'nginx.conf',
  replace: [
    [/listen \[::\]:\d+[^;]*;/g, () => ''],
    [/listen 80;/g, ({ http }) => `listen 127.0.0.1:${http};`],
    [/listen 443 /g, ({ https }) => `listen 127.0.0.1:${https} `],
    [/127\.0\.0\.1:8080/g, ({ upstreamHttp }) => `127.0.0.1:${upstreamHttp}`],
    [/\/etc\/letsencrypt\/live\/live\.example\.org/g, ({ folder }) => folder],
    [/\/run\/nginx\.pid/g, ({ folder }) => `${folder}/nginx.pid`],
    // With one process there is nobody who would have to be let into the folder.
    [
      /worker_processes auto;/g,
      () => 'worker_processes 1;\nmaster_process off;\ndaemon off;\nerror_log stderr notice;',
    ],
  ],
  start: (config, { folder }) => ({ file: '/usr/sbin/nginx', args: ['-p', folder, '-c', config, '-e', 'stderr'] }),
  ready: 'http',
}
