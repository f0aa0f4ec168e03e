import { existsSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { Child } from '../servers/child.ts'
import { freePort, portIsListenedOn } from '../servers/free-port.ts'
import type { TemporaryFolder } from '../servers/temporary-folder.ts'

/** Milliseconds for it to listen. */
const startTimeout = 10_000

/** A server as we recommend it, on loopback. */
export interface NatsServer {
  readonly url: string
  readonly child: Child
}

/** That in `NATS_SERVER`, or the first one on the PATH. */
export function findNatsServer(): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin']
  const files = [process.env['NATS_SERVER'] ?? '', ...folders.map(folder => join(folder, 'nats-server'))]
  return files.find(file => file !== '' && existsSync(file))
}

/** Resolves when it listens. The child is the caller's. */
export async function startNatsServer(file: string, folder: TemporaryFolder): Promise<NatsServer> {
  const port = await freePort()
  writeFileSync(
    folder.file('nats.conf'),
    [
      `listen: 127.0.0.1:${port}`,
      'max_pending: 8MB',
      'write_deadline: "2s"',
      `jetstream { store_dir: "${folder.file('jetstream')}" }`,
    ].join('\n'),
  )
  const child = new Child(file, ['-c', folder.file('nats.conf')], folder.file('nats.log'))
  try {
    await portIsListenedOn(port, AbortSignal.timeout(startTimeout))
  } catch (error) {
    await child[Symbol.asyncDispose]()
    throw new Error(`nats-server did not start: ${child.lastLines}`, { cause: error })
  }
  return { url: `nats://127.0.0.1:${port}`, child }
}
