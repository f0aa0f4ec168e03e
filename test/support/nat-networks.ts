import { randomBytes } from 'node:crypto'
import { type Program, run, RunningProgram } from './running-program.ts'
import { TemporaryFolder } from './temporary-folder.ts'
import { writeFile } from 'node:fs/promises'

const hosts = ['server', 'router1', 'router2', 'first', 'second', 'third'] as const

/** A server that everybody reaches, two home networks behind routers, `first` and `second` in one, `third` in the other. */
export type Host = (typeof hosts)[number]

/** Whether a router gives a socket the same port towards everybody, as those of most homes do. */
export type Ports = 'the same' | 'others for each'

/** Addresses are translated, and nothing comes in that was not asked for. */
const rules = (ports: Ports) => `
table ip nat {
  chain postrouting {
    type nat hook postrouting priority 100
    oifname "wan" masquerade${ports === 'the same' ? '' : ' fully-random'}
  }
}
table ip filter {
  chain input { type filter hook input priority 0; iifname "wan" ct state established,related accept; iifname "wan" drop; }
  chain forward { type filter hook forward priority 0; iifname "wan" ct state established,related accept; iifname "wan" drop; }
}
`

/** Network namespaces of two homes with NAT, and of a server between them. Linux, as root. */
export class NatNetworks implements AsyncDisposable {
  static readonly serverAddress = '203.0.113.1'
  readonly #id = randomBytes(3).toString('hex')
  readonly #folder: TemporaryFolder

  private constructor(folder: TemporaryFolder) {
    this.#folder = folder
  }

  /** @throws when this user or system can't make network namespaces */
  static async create(ports: Ports = 'the same'): Promise<NatNetworks> {
    const networks = new NatNetworks(await TemporaryFolder.create())
    try {
      await networks.#build(ports)
      return networks
    } catch (error) {
      await networks[Symbol.asyncDispose]()
      throw error
    }
  }

  /** Runs a program on one of the hosts. */
  run(host: Host, program: Program): RunningProgram {
    const { name = program.file, file, args } = program
    const words = ['netns', 'exec', this.#name(host), file, ...args]
    return new RunningProgram({ ...program, name, file: 'ip', args: words })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const host of hosts) await run('ip', ['netns', 'del', this.#name(host)]).catch(() => {})
    await this.#folder[Symbol.asyncDispose]()
  }

  async #build(ports: Ports): Promise<void> {
    for (const host of hosts) {
      await run('ip', ['netns', 'add', this.#name(host)])
      await this.#ip(host, 'link', 'set', 'lo', 'up')
    }
    await this.#line('server', 'to1', '203.0.113.1/30', 'router1', 'wan', '203.0.113.2/30')
    await this.#line('server', 'to2', '198.51.100.1/30', 'router2', 'wan', '198.51.100.2/30')
    // Its address is the same for both: over UDP nothing says by which one somebody has come.
    await this.#ip('server', 'route', 'replace', '198.51.100.0/30', 'dev', 'to2', 'src', NatNetworks.serverAddress)
    await this.#home('router1', '203.0.113.1', '10.1.0', ['first', 'second'], ports)
    await this.#home('router2', '198.51.100.1', '10.2.0', ['third'], ports)
    await this.#forward('server')
  }

  async #home(router: Host, gateway: string, network: string, members: readonly Host[], ports: Ports): Promise<void> {
    await this.#ip(router, 'link', 'add', 'lan', 'type', 'bridge')
    await this.#ip(router, 'addr', 'add', `${network}.1/24`, 'dev', 'lan')
    await this.#ip(router, 'link', 'set', 'lan', 'up')
    await this.#ip(router, 'route', 'add', 'default', 'via', gateway)
    for (const [index, member] of members.entries()) {
      await this.#line(router, `lan${index}`, undefined, member, 'eth0', `${network}.${index + 2}/24`)
      await this.#ip(router, 'link', 'set', `lan${index}`, 'master', 'lan')
      await this.#ip(member, 'route', 'add', 'default', 'via', `${network}.1`)
    }
    await this.#forward(router)
    const file = this.#folder.file('rules.nft')
    await writeFile(file, rules(ports))
    await this.run(router, { file: 'nft', args: ['-f', file] }).finish()
  }

  async #line(
    near: Host,
    nearName: string,
    nearAddress: string | undefined,
    far: Host,
    farName: string,
    farAddress: string,
  ): Promise<void> {
    const peer = ['type', 'veth', 'peer', 'name', farName, 'netns', this.#name(far)]
    await this.#ip(near, 'link', 'add', nearName, ...peer)
    for (const [host, name, address] of [
      [near, nearName, nearAddress],
      [far, farName, farAddress],
    ] as const) {
      if (address !== undefined) await this.#ip(host, 'addr', 'add', address, 'dev', name)
      await this.#ip(host, 'link', 'set', name, 'up')
    }
  }

  async #forward(host: Host): Promise<void> {
    await this.run(host, { file: 'sh', args: ['-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward'] }).finish()
  }

  async #ip(host: Host, ...args: readonly string[]): Promise<void> {
    await run('ip', ['-n', this.#name(host), ...args])
  }

  #name(host: Host): string {
    return `rtmpipe-${this.#id}-${host}`
  }
}
