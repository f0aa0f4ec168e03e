import { once } from 'node:events'
import { createServer } from 'node:net'
import type { ServeConfig } from '../../sections/index.ts'
import { isOn } from '../../sections/server.ts'
import { rtmfp } from '../../transports.ts'
import { type Finding, fine, problem } from './finding.ts'
import { type PortHolder, portHolder } from './port-holder.ts'

const names = ['rtmp', 'rtmps', 'rtmpt', 'rtmpts', 'rtmfp', 'port'] as const

/** A port and what it is for. */
interface Port {
  readonly name: (typeof names)[number]
  readonly port: number
  readonly protocol: 'tcp' | 'udp'
}

/** Whether the ports are free, and who has those that are not. */
export async function portFindings(config: ServeConfig): Promise<readonly Finding[]> {
  const ports = names.flatMap((name): Port[] => {
    const port = config[name]
    return isOn(port) && port !== 0 ? [{ name, port, protocol: name === 'rtmfp' ? 'udp' : 'tcp' }] : []
  })
  const findings: Finding[] = []
  // One after the other: two of ours must not meet at the same port.
  for (const one of ports) {
    const { name, port, protocol } = one
    const twin = ports.find(other => other.port === port && other.protocol === protocol && other.name !== name)
    findings.push(twin === undefined ? await portFinding(config.host, one) : sharedPort(name, twin.name, port))
  }
  return findings
}

function sharedPort(name: string, other: string, port: number): Finding {
  return problem('port', `${name} and ${other} both have ${port}`, `choose another with --${name} PORT`)
}

async function portFinding(host: string, { name, port, protocol }: Port): Promise<Finding> {
  const code = await (protocol === 'udp' ? bindUdpError : bindError)(host, port)
  if (code === undefined) return fine('port', `${name} ${port} is free on ${host}`)
  if (code === 'EADDRINUSE') {
    const holder = await portHolder(port, protocol)
    if (holder?.isServer) return fine('port', `${name} ${port} is in use by rtmpipe serve, process ${holder.pid}`)
    return problem(
      'port',
      `${name} ${port} is in use by ${holderText(holder)}`,
      `end it, or choose another port with --${name} PORT`,
    )
  }
  if (code === 'EACCES')
    return problem(
      'port',
      `${name} ${port} needs privileges`,
      `choose one above 1023 with --${name} PORT${protocol === 'udp' ? '' : ', or let systemd open it (rtmpipe systemd --sockets)'}`,
    )
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return problem(
      'port',
      `${name}: this machine has no address ${host}`,
      'choose another with --host; ip address lists those there are',
    )
  return problem('port', `${name} ${port} on ${host} can't be opened: ${code}`, `choose another with --${name} PORT`)
}

function holderText(holder: PortHolder | undefined): string {
  if (holder === undefined) return "somebody that this user can't see (as root, rtmpipe doctor tells who)"
  return `${holder.name}, process ${holder.pid}`
}

async function bindError(host: string, port: number): Promise<string | undefined> {
  const server = createServer()
  try {
    server.listen({ host, port, exclusive: true })
    await once(server, 'listening')
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code)
  }
  server.close()
  await once(server, 'close')
  return undefined
}

/** As the server does it: its transport knows how. */
async function bindUdpError(host: string, port: number): Promise<string | undefined> {
  try {
    const listener = await rtmfp({ host, port }).listen(({ messages }) => messages.destroy())
    await listener.close()
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code)
  }
  return undefined
}
