import { CliError } from '../cli-error.ts'

/** File descriptors of sockets that listen already, by the port that they stand for. */
export interface InheritedSockets {
  /** In place of the port of `rtmpt`. */
  readonly http?: number
  /** In place of the port of `rtmpts`. */
  readonly https?: number
}

const names = ['http', 'https'] as const
/** What those are called that nobody has given a name. */
const nameless: ReadonlySet<string> = new Set(['', 'unknown', 'connection', 'stored'])
/** sd_listen_fds(3): they come after standard input, output and error. */
const firstDescriptor = 3

/**
 * The sockets that systemd has opened for a process (sd_listen_fds(3)), by `FileDescriptorName=`; those without a name
 * are HTTP and HTTPS, in this order.
 *
 * @param pid of the process that they were opened for
 * @throws CliError for names that mean nothing here
 */
export function inheritedSockets(environment: Readonly<NodeJS.ProcessEnv>, pid: number): InheritedSockets {
  const count = Number(environment['LISTEN_FDS'])
  if (Number(environment['LISTEN_PID']) !== pid || !Number.isInteger(count) || count < 1) return {}
  const given = (environment['LISTEN_FDNAMES'] ?? '').split(':')
  const sockets: { http?: number; https?: number } = {}
  for (let index = 0; index < count; index += 1) {
    const told = given[index] ?? ''
    const name = nameless.has(told) ? names[index] : names.find(known => known === told)
    if (name === undefined)
      throw new CliError(
        `inherited socket ${told || index + 1} is for no port of ours: set FileDescriptorName=http or https`,
      )
    if (sockets[name] !== undefined)
      throw new CliError(`two inherited sockets are called ${name}: one of them will do, for one address`)
    sockets[name] = firstDescriptor + index
  }
  return sockets
}

/** @throws CliError for a socket that nobody would listen on */
export function checkSockets(
  sockets: InheritedSockets,
  config: Readonly<Record<'rtmpt' | 'rtmpts', number | 'off'>>,
): void {
  for (const [name, setting] of [
    ['http', 'rtmpt'],
    ['https', 'rtmpts'],
  ] as const)
    if (sockets[name] !== undefined && config[setting] === 'off')
      throw new CliError(`a socket for ${name} is inherited, and ${setting} is off: one of them must change`)
}
