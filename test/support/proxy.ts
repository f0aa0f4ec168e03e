import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { createSelfSignedCertificate } from '@rtmpipe/transport-tls'
import { freePort } from './free-port.ts'
import { RunningProgram } from './running-program.ts'
import { TemporaryFolder } from './temporary-folder.ts'

/** A proxy that docs/running.md has a configuration for. */
export type ProxyName = 'nginx' | 'haproxy' | 'caddy'

/** A file of docs/proxies, and how its program is started. */
interface Kind {
  readonly file: string
  /** Puts our ports, and paths that we may write to, where its own are. */
  readonly replace: readonly (readonly [from: RegExp, to: (place: Place) => string])[]
  start(config: string, folder: string): { file: string; args: readonly string[] }
  readonly ready: RegExp
}

interface Place {
  readonly http: number
  readonly https: number
  readonly rtmp: number
  readonly upstreamHttp: number
  readonly upstreamRtmp: number
  readonly folder: string
}

const kinds: Readonly<Record<ProxyName, Kind>> = {
  nginx: {
    file: 'nginx.conf',
    replace: [
      [/listen \[::\]:\d+[^;]*;/g, () => ''],
      [/listen 80;/g, ({ http }) => `listen 127.0.0.1:${http};`],
      [/listen 443 /g, ({ https }) => `listen 127.0.0.1:${https} `],
      [/127\.0\.0\.1:8080/g, ({ upstreamHttp }) => `127.0.0.1:${upstreamHttp}`],
      [/\/etc\/letsencrypt\/live\/live\.example\.org/g, ({ folder }) => folder],
      [/\/run\/nginx\.pid/g, ({ folder }) => `${folder}/nginx.pid`],
      [/worker_processes auto;/g, () => 'worker_processes 1;\ndaemon off;\nerror_log stderr notice;'],
    ],
    start: (config, folder) => ({ file: '/usr/sbin/nginx', args: ['-p', folder, '-c', config, '-e', 'stderr'] }),
    ready: /start worker process /,
  },
  haproxy: {
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
    ready: /Loading success/,
  },
  caddy: {
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
    ready: /serving initial configuration/,
  },
}

/** A proxy with the configuration that docs/proxies has for it, in front of ports of ours. */
export class Proxy implements AsyncDisposable {
  readonly http: string
  readonly https: string
  readonly rtmp: string
  readonly #program: RunningProgram
  readonly #folder: TemporaryFolder

  private constructor(program: RunningProgram, folder: TemporaryFolder, { http, https, rtmp }: Place) {
    this.#program = program
    this.#folder = folder
    this.http = `127.0.0.1:${http}`
    this.https = `127.0.0.1:${https}`
    this.rtmp = `127.0.0.1:${rtmp}`
  }

  /** Starts it in front of an HTTP port and an RTMP port. */
  static async start(name: ProxyName, upstreamHttp: number, upstreamRtmp = 1): Promise<Proxy> {
    const { file, replace, start, ready } = kinds[name]
    const folder = await TemporaryFolder.create()
    const [http, https, rtmp] = [await freePort(), await freePort(), await freePort()]
    const place = { http, https, rtmp, upstreamHttp, upstreamRtmp, folder: folder.path }
    const { cert, key } = await createSelfSignedCertificate()
    await writeFile(folder.file('fullchain.pem'), cert)
    await writeFile(folder.file('privkey.pem'), key)
    await writeFile(folder.file('both.pem'), cert + key)
    let text = await readFile(fileURLToPath(new URL(`../../docs/proxies/${file}`, import.meta.url)), 'utf8')
    for (const [from, to] of replace) {
      if (text.search(from) === -1) throw new Error(`docs/proxies/${file} has no ${from}`)
      text = text.replace(from, to(place))
    }
    await writeFile(folder.file(file), text)
    const env = { HOME: folder.path, XDG_DATA_HOME: folder.path, XDG_CONFIG_HOME: folder.path }
    const program = new RunningProgram({ name, ...start(folder.file(file), folder.path), env, limit: 120_000 })
    try {
      await program.waitForLine(ready)
    } catch (error) {
      await program[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
      throw error
    }
    return new Proxy(program, folder, place)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Those with processes of their own end them.
    this.#program.kill('SIGTERM')
    await this.#program.exited.catch(() => {})
    await this.#folder[Symbol.asyncDispose]()
  }
}
