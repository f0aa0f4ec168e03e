import { readdir, readFile, readlink } from 'node:fs/promises'

/** A process that listens. */
export interface PortHolder {
  readonly pid: number
  readonly name: string
  /** It is `rtmpipe serve`. */
  readonly isServer: boolean
}

/** States of sockets that wait for somebody: LISTEN, and those of UDP that have no far end. */
const waiting = { tcp: '0A', udp: '07' } as const

/** Who listens on a port; undefined where that can't be seen, as without rights or outside of Linux. */
export async function portHolder(
  port: number,
  protocol: 'tcp' | 'udp' = 'tcp',
  proc = '/proc',
): Promise<PortHolder | undefined> {
  const tables = await Promise.all([protocol, `${protocol}6`].map(name => textOf(`${proc}/net/${name}`)))
  const state = waiting[protocol]
  const sockets = new Set(
    tables.flatMap(table => listeningInodes(table, port, state)).map(inode => `socket:[${inode}]`),
  )
  if (sockets.size === 0) return undefined
  for (const pid of (await namesIn(proc)).filter(name => /^\d+$/.test(name)))
    if (await hasOneOf(`${proc}/${pid}/fd`, sockets)) return holderOf(proc, pid)
  return undefined
}

/** proc(5): local address, as hexadecimal `ADDRESS:PORT`, is the second word, the state the fourth, the inode the tenth. */
function listeningInodes(table: string, port: number, wanted: string): readonly string[] {
  return table
    .split('\n')
    .map(line => line.trim().split(/\s+/))
    .filter(([, local = '', , state]) => state === wanted && Number.parseInt(local.split(':')[1] ?? '', 16) === port)
    .map(words => words[9] ?? '')
}

async function hasOneOf(folder: string, sockets: ReadonlySet<string>): Promise<boolean> {
  for (const name of await namesIn(folder))
    if (sockets.has(await readlink(`${folder}/${name}`).catch(() => ''))) return true
  return false
}

async function holderOf(proc: string, pid: string): Promise<PortHolder> {
  const words = (await textOf(`${proc}/${pid}/cmdline`)).split('\0')
  const name = (await textOf(`${proc}/${pid}/comm`)).trim()
  const isServer = words.some(word => /(^|\/)rtmpipe(\.js)?$/.test(word)) && words.includes('serve')
  return { pid: Number(pid), name, isServer }
}

/** Processes come and go, and those of others are closed to us. */
async function textOf(path: string): Promise<string> {
  return await readFile(path, 'utf8').catch(() => '')
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return await readdir(folder).catch(() => [])
}
