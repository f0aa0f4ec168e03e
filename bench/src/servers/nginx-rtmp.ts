import { existsSync, writeFileSync } from 'node:fs'
import { outputOf } from './output-of.ts'
import type { Subject } from './subject.ts'

const modules = '/usr/lib/nginx/modules/ngx_rtmp_module.so'

/** nginx with Debian's RTMP module, one worker, everything else as it comes. */
export const nginxRtmp: Subject = {
  name: 'nginx-rtmp',
  reference: true,
  version: async () => {
    if (!existsSync(modules)) throw new Error('install nginx and libnginx-mod-rtmp (Debian, Ubuntu)')
    return (await outputOf('nginx', ['-v'])).match(/nginx\/\S+/)?.[0] ?? 'unknown'
  },
  command: ({ rtmp }, folder) => {
    const file = folder.file('nginx.conf')
    writeFileSync(file, configuration(rtmp, folder.path))
    return { file: 'nginx', args: ['-p', folder.path, '-c', file, '-e', folder.file('error.log')] }
  },
}

function configuration(port: number, folder: string): string {
  return `
load_module ${modules};
daemon off;
worker_processes 1;
worker_rlimit_nofile 16384;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
events { worker_connections 8192; }
rtmp {
  access_log ${folder}/access.log;
  server {
    listen 127.0.0.1:${port};
    application live { live on; }
  }
}
`
}
