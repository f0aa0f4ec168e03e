import { writeFileSync } from 'node:fs'
import { Child } from '../servers/child.ts'
import { freePort, portIsListenedOn } from '../servers/free-port.ts'
import { outputOf } from '../servers/output-of.ts'
import type { TemporaryFolder } from '../servers/temporary-folder.ts'

/** nginx in front of an HTTP port, as docs/proxies/nginx.conf has it where that matters here. */
export async function startNginx(
  upstream: number,
  folder: TemporaryFolder,
): Promise<AsyncDisposable & { address: string }> {
  await outputOf('nginx', ['-v'])
  const port = await freePort()
  const file = folder.file('nginx.conf')
  writeFileSync(file, configuration(port, upstream, folder.path))
  const child = new Child('nginx', ['-p', folder.path, '-c', file, '-e', 'stderr'], folder.file('nginx.log'))
  await portIsListenedOn(port, AbortSignal.timeout(5_000))
  return { address: `127.0.0.1:${port}`, [Symbol.asyncDispose]: () => child[Symbol.asyncDispose]() }
}

function configuration(port: number, upstream: number, folder: string): string {
  return `
daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log stderr;
events { worker_connections 512; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  upstream rtmpipe { server 127.0.0.1:${upstream}; keepalive 256; }
  server {
    listen 127.0.0.1:${port};
    keepalive_requests 4294967295;
    location / {
      proxy_pass http://rtmpipe;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
      proxy_request_buffering off;
    }
  }
}
`
}
