import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Program, RunningProgram } from './running-program.ts'
import { command } from './server-process.ts'
import { TemporaryFolder } from './temporary-folder.ts'
import { TwoHosts } from './two-hosts.ts'

/** What becomes of packets that may not pass. */
export const verdicts = {
  'dropped without a word': 'drop',
  'rejected by a reset': 'meta l4proto tcp reject with tcp reset',
  'rejected by ICMP': 'reject with icmpx admin-prohibited',
} as const

export type Verdict = keyof typeof verdicts

/** What a client has said of its connection. */
export interface Connected {
  readonly milliseconds: number
  readonly state: string
  readonly transport: string
  readonly way: string
}

const ports = { rtmp: 1935, rtmpts: 443, rtmpt: 80 }
/** Where a server is that has a proxy before it. */
const behindProxy = 8080

/** A server and a client with a firewall between them, each alone in a network namespace. Linux, as root. */
export class Firewall implements AsyncDisposable {
  readonly #hosts: TwoHosts
  readonly #folder: TemporaryFolder
  readonly #running: RunningProgram[] = []

  private constructor(hosts: TwoHosts, folder: TemporaryFolder) {
    this.#hosts = hosts
    this.#folder = folder
  }

  /** @throws when this user or system can't make network namespaces */
  static async create(): Promise<Firewall> {
    return new Firewall(await TwoHosts.create(), await TemporaryFolder.create())
  }

  /** A file that goes when the firewall does. */
  file(name: string): string {
    return this.#folder.file(name)
  }

  /** Lets the client reach these TCP ports of the server, and nothing else. */
  async letPass(allowed: readonly number[], verdict: Verdict, more: readonly string[] = []): Promise<void> {
    const rules = [
      'flush ruleset',
      'table inet firewall {',
      'chain input { type filter hook input priority 0; policy accept;',
      'iifname "lo" accept',
      ...more,
      `tcp dport { ${allowed.join(', ')} } accept`,
      verdicts[verdict],
      '}',
      '}',
    ]
    const file = this.file('rules.nft')
    await writeFile(file, `${rules.join('\n')}\n`)
    await this.#hosts.run('server', { file: 'nft', args: ['-f', file] }).finish()
  }

  /** Starts `rtmpipe serve` at the usual ports: RTMP, HTTP at 80 and HTTPS at 443. */
  async serve(): Promise<void> {
    const args = ['--host', TwoHosts.serverAddress, '--rtmps', 'off']
    await this.#serve([...args, '--rtmp', '1935', '--rtmpt', String(ports.rtmpt), '--rtmpts', String(ports.rtmpts)])
  }

  /** The same behind nginx at port 80, which takes HTTP and nothing else; there is no TLS. */
  async serveBehindNginx(): Promise<void> {
    await this.#serve(['--rtmp', '1935', '--rtmps', 'off', '--rtmpt', String(behindProxy), '--rtmpts', 'off'])
    const file = this.file('nginx.conf')
    await writeFile(file, nginxConfiguration(this.#folder.path))
    const args = ['-p', this.#folder.path, '-c', file, '-e', 'stderr']
    await this.#start({ name: 'nginx', file: '/usr/sbin/nginx', args }, /start worker process /)
  }

  /** Connects as often as that with `{ fallback: true }`, in one process. */
  async connect(url: string, rounds = 1): Promise<readonly Connected[]> {
    const script = fileURLToPath(new URL('firewall/connect.js', import.meta.url))
    const program = { name: 'connect.js', file: process.execPath, args: [script, url, String(rounds)] }
    await using client = this.#hosts.run('client', program)
    const { stdout } = await client.finish(0)
    return stdout.map(line => JSON.parse(line.replace(/^connected /, '')) as Connected)
  }

  /** `rtmpipe …` at the client's end. */
  rtmpipe(...args: readonly string[]): RunningProgram {
    return this.#hosts.run('client', { name: `rtmpipe ${args[0]}`, file: process.execPath, args: [command, ...args] })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const program of this.#running.reverse()) {
      // nginx has processes of its own, and ends them.
      program.kill('SIGTERM')
      await program.exited.catch(() => {})
    }
    await this.#hosts[Symbol.asyncDispose]()
    await this.#folder[Symbol.asyncDispose]()
  }

  async #serve(args: readonly string[]): Promise<void> {
    const words = [command, 'serve', ...args, '--data', this.file('data')]
    await this.#start({ name: 'rtmpipe serve', file: process.execPath, args: words }, /^rtmpipe ready/)
  }

  async #start(program: Program, ready: RegExp): Promise<void> {
    const running = this.#hosts.run('server', { ...program, limit: 60_000 })
    this.#running.push(running)
    await running.waitForLine(ready)
  }
}

function nginxConfiguration(folder: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    name => `${name}_temp_path ${folder}/${name};`,
  )
  return `
user root;
worker_processes 1;
daemon off;
pid ${folder}/nginx.pid;
error_log stderr notice;
events { worker_connections 64; }
http {
  access_log off;
  ${temporary.join('\n  ')}
  upstream tunnel { server 127.0.0.1:${behindProxy}; keepalive 8; }
  server {
    listen ${TwoHosts.serverAddress}:80;
    location / {
      proxy_pass http://tunnel;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
    }
  }
}
`
}
