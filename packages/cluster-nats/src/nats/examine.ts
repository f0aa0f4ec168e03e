import type { NatsConnection } from '@nats-io/transport-node'
import { addressText, type ServerAddress } from './addresses.ts'
import { isForSeveral, reach } from './buckets.ts'
import { Dialer } from './dialer.ts'
import { authenticatorOf } from './login.ts'
import { checkOptions, type NatsFabricOptions } from './options.ts'
import { probe } from './probe.ts'
import { losesRaces, oldFault, type ServerFault, serverFault, type ServerInfo } from './server-check.ts'

/** A server of NATS, and how it is. */
export interface ExaminedServer {
  /** HOST:PORT. */
  readonly server: string
  /** Of the server; absent where it could not be asked. */
  readonly version?: string
  /** Why it is of no use, as what would follow its address in a sentence, and what to do; absent if it can be used. */
  readonly fault?: ServerFault
  /** Nobody answers there: of several servers, another one is taken. */
  readonly isAway?: true
}

/**
 * Looks at each server that the options name, as a fabric would use it: connects, logs in, and looks whether it can keep
 * the directory. Nothing is made or changed there.
 *
 * @throws UsageError for options that can't be meant, and credentials that can't be read
 */
export async function examineServers(options: NatsFabricOptions): Promise<readonly ExaminedServer[]> {
  const { credentials, tls } = options
  const { addresses, login } = checkOptions(options)
  authenticatorOf(credentials, login)
  const dialer = new Dialer({ login, credentials, tls, name: 'rtmpipe doctor', inboxPrefix: 'rt1.r.doctor' })
  return Promise.all(
    addresses.map(address => examine({ ...address, needsTls: address.needsTls || tls !== undefined }, dialer)),
  )
}

async function examine(address: ServerAddress, dialer: Dialer): Promise<ExaminedServer> {
  const server = addressText(address)
  let info: ServerInfo
  try {
    info = await probe(address)
  } catch (error) {
    const text = `can't be reached: ${(error as Error).message}`
    return { server, isAway: true, fault: { text, advice: 'start it, correct its address, or open the firewall' } }
  }
  const { version } = info
  const fault = serverFault(address, info, dialer.replicas) ?? (await faultInside(address, dialer))
  return { server, version, ...(fault && { fault }) }
}

async function faultInside(address: ServerAddress, dialer: Dialer): Promise<ServerFault | undefined> {
  let connection: NatsConnection
  try {
    connection = await dialer.dial(address)
  } catch (error) {
    return connectFault(error as NodeJS.ErrnoException)
  }
  try {
    const version = connection.info?.version ?? ''
    if (isForSeveral(connection) && losesRaces(version)) return oldFault(version)
    return await directoryFault(connection)
  } finally {
    await connection.close()
  }
}

function connectFault(error: NodeJS.ErrnoException): ServerFault {
  if (/^(?:Authorization|UserAuthenticationExpired)Error$/.test(error.name))
    return {
      text: 'does not let this user in',
      advice:
        'correct user and password in its address, or the file in cluster.nats.credentials, or add the user there',
    }
  const tls = tlsText(error)
  if (tls !== undefined)
    return {
      text: `can't be spoken to with TLS: ${tls}`,
      advice:
        'name who signed its certificate in cluster.nats.tls.ca, use an address that the certificate is for, and give cert and key where it asks for ours',
    }
  return { text: `can't be connected to: ${error.message}`, advice: 'look at the log of the server' }
}

/** What OpenSSL and Node have to say about certificates; undefined for other errors. */
function tlsText(error: unknown): string | undefined {
  for (let each = error; each instanceof Error; each = each.cause) {
    const { code = '' } = each as NodeJS.ErrnoException
    if (/CERT|SSL|TLS|UNABLE_TO|HOSTNAME_MISMATCH/.test(code)) return code
  }
  return undefined
}

async function directoryFault(connection: NatsConnection): Promise<ServerFault | undefined> {
  try {
    await reach(connection)
    return undefined
  } catch (error) {
    // Of other errors: who has players only may not ask.
    if ((error as Error).name !== 'JetStreamNotEnabled') return undefined
    return {
      text: 'has no JetStream, which keeps who publishes which name',
      advice: 'add jetstream { store_dir: /var/lib/nats } to its configuration',
    }
  }
}
