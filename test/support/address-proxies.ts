import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { connect, createServer, type AddressInfo } from 'node:net'
import { createSelfSignedCertificate } from '@rtmpipe/transport-tls'
import { freePort } from './free-port.ts'
import { RunningProgram } from './running-program.ts'
import { type Scheme, schemes } from './server-process.ts'
import { TemporaryFolder } from './temporary-folder.ts'

/** Proxies that tell whom they speak for. All connect to a server from 127.0.0.1. */
export type AddressProxyName =
  | 'haproxy send-proxy'
  | 'haproxy send-proxy-v2'
  | 'nginx stream'
  | 'nginx X-Forwarded-For'
  | 'stunnel'

interface Route {
  /** What clients speak to the proxy. */
  readonly scheme: Scheme
  readonly port: number
  /** Where it leads. */
  readonly upstream: number
}

interface Start {
  readonly file: string
  readonly args: (config: string, folder: string) => string[]
  readonly ready: RegExp
  /** Which of the server's ports clients of a scheme are led to. */
  readonly to?: Partial<Record<Scheme, Scheme>>
  config(routes: readonly Route[], folder: string): string
}

const nginxArgs = (config: string, folder: string) => ['-p', folder, '-c', config, '-e', 'stderr']
const nginxHead = (folder: string) =>
  `worker_processes 1;\ndaemon off;\npid ${folder}/nginx.pid;\nerror_log stderr notice;\nevents { worker_connections 200; }\n`

const haproxy = (keyword: string): Start => ({
  file: '/usr/sbin/haproxy',
  args: config => ['-W', '-f', config],
  ready: /Loading success/,
  config: routes => `global
  maxconn 200
defaults
  mode tcp
  timeout connect 5s
  timeout client 1h
  timeout server 1h
${routes
  .map(
    ({ scheme, port, upstream }) => `
listen ${scheme}
  bind 127.0.0.1:${port}
  server rtmpipe 127.0.0.1:${upstream} ${keyword}
`,
  )
  .join('')}`,
})

const kinds: Readonly<Record<AddressProxyName, Start>> = {
  'haproxy send-proxy': haproxy('send-proxy'),
  'haproxy send-proxy-v2': haproxy('send-proxy-v2'),
  'nginx stream': {
    file: '/usr/sbin/nginx',
    args: nginxArgs,
    ready: /start worker process /,
    config: (routes, folder) => `load_module /usr/lib/nginx/modules/ngx_stream_module.so;
${nginxHead(folder)}
stream {
${routes.map(({ port, upstream }) => `  server { listen 127.0.0.1:${port}; proxy_pass 127.0.0.1:${upstream}; proxy_protocol on; }`).join('\n')}
}
`,
  },
  'nginx X-Forwarded-For': {
    file: '/usr/sbin/nginx',
    args: nginxArgs,
    ready: /start worker process /,
    to: { rtmpt: 'rtmpt', rtmpts: 'rtmpt' },
    config: (routes, folder) => `${nginxHead(folder)}
http {
  access_log off;
  client_body_buffer_size 1m;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  ssl_certificate ${folder}/both.pem;
  ssl_certificate_key ${folder}/both.pem;
  keepalive_requests 1000000;
${routes
  .map(
    ({ scheme, port, upstream }) => `  server {
    listen 127.0.0.1:${port}${scheme === 'rtmpts' ? ' ssl' : ''};
    location / {
      proxy_pass http://127.0.0.1:${upstream};
      proxy_buffering off;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
    }
  }`,
  )
  .join('\n')}
}
`,
  },
  stunnel: {
    file: 'stunnel',
    args: config => [config],
    ready: /Configuration successful/,
    to: { rtmps: 'rtmp', rtmpts: 'rtmpt' },
    config: (routes, folder) => `foreground = yes
pid =
cert = ${folder}/both.pem
${routes
  .map(
    ({ scheme, port, upstream }) =>
      `[${scheme}]\naccept = 127.0.0.1:${port}\nconnect = 127.0.0.1:${upstream}\nprotocol = proxy\n`,
  )
  .join('')}`,
  },
}

/** Such a proxy, in front of a server. */
export class AddressProxy implements AsyncDisposable {
  /** Where it listens, by what clients speak. */
  readonly ports: ReadonlyMap<Scheme, number>
  readonly #program: RunningProgram
  readonly #folder: TemporaryFolder

  private constructor(program: RunningProgram, folder: TemporaryFolder, ports: ReadonlyMap<Scheme, number>) {
    this.#program = program
    this.#folder = folder
    this.ports = ports
  }

  /** @param upstream ports of the server */
  static async start(name: AddressProxyName, upstream: Readonly<Record<Scheme, number>>): Promise<AddressProxy> {
    const { file, args, ready, config, to = Object.fromEntries(schemes.map(each => [each, each])) } = kinds[name]
    const folder = await TemporaryFolder.create()
    const { cert, key } = await createSelfSignedCertificate()
    await writeFile(folder.file('both.pem'), cert + key, { mode: 0o600 })
    const routes: Route[] = []
    for (const [scheme, target] of Object.entries(to) as [Scheme, Scheme][])
      routes.push({ scheme, port: await freePort(), upstream: upstream[target] })
    const path = folder.file('proxy.conf')
    await writeFile(path, config(routes, folder.path))
    const program = new RunningProgram({ name, file, args: args(path, folder.path), limit: 120_000 })
    try {
      await program.waitForLine(ready)
    } catch (error) {
      await program[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
      throw error
    }
    return new AddressProxy(program, folder, new Map(routes.map(({ scheme, port }) => [scheme, port])))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#program.kill('SIGTERM')
    await this.#program.exited.catch(() => {})
    await this.#folder[Symbol.asyncDispose]()
  }
}

/** Passes connections on from another address of this machine, as a client that has it. */
export async function clientAt(address: string, port: number): Promise<{ port: number } & AsyncDisposable> {
  const server = createServer(socket => {
    const further = connect({ port, host: '127.0.0.1', localAddress: address, noDelay: true })
    for (const [one, other] of [
      [socket, further],
      [further, socket],
    ] as const) {
      one.on('error', () => {}).once('close', () => other.destroy())
      one.pipe(other)
    }
    sockets.add(socket)
  })
  const sockets = new Set<ReturnType<typeof connect>>()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
