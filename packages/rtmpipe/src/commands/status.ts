import { setTimeout as delay } from 'node:timers/promises'
import type { ApiClient } from '@rtmpipe/http/client'
import { ApiAccess, type ApiCommandOptions } from './api-access.ts'
import { interruption } from './interruption.ts'
import { Screen } from './screen.ts'
import { type Snapshot, statusTable } from './status-table.ts'

/** Options of `rtmpipe status`, as the command line gives them. */
export interface StatusCommandOptions extends ApiCommandOptions {
  readonly watch?: boolean
  readonly json?: boolean
}

/** Milliseconds between two looks. */
const period = 2_000
const defaultWidth = 80

/** `rtmpipe status`: what goes on in a server, once, or again and again until Ctrl+C. @throws CliError or Error */
export async function status({ watch = false, json = false, ...options }: StatusCommandOptions): Promise<void> {
  const access = new ApiAccess(options)
  const first = await look(access.client).catch((error: unknown) => {
    throw access.errorOf(error)
  })
  if (!watch) return print(json ? JSON.stringify(first, null, 2) : tableOf(first).join('\n'))
  const signal = interruption()
  using screen = json || !process.stdout.isTTY ? undefined : new Screen(process.stdout)
  const show = (lines: readonly string[]) => (screen === undefined ? print(lines.join('\n')) : screen.draw(lines))
  for (let snapshot: Snapshot | undefined = first; ; ) {
    if (snapshot !== undefined) show(json ? [JSON.stringify(snapshot)] : [...tableOf(snapshot), ''])
    await delay(period, undefined, { signal }).catch(() => {})
    if (signal.aborted) return
    snapshot = await look(access.client).catch((error: unknown) => {
      const problem = access.errorOf(error)
      if (!ApiAccess.mayPass(error)) throw problem
      // It may be about to come back.
      if (screen === undefined) process.stderr.write(`rtmpipe: ${problem.message}\n`)
      else screen.draw([problem.message])
      return undefined
    })
  }
}

async function look(client: ApiClient): Promise<Snapshot> {
  const [server, streams, players] = await Promise.all([client.server(), client.streams(), client.players()])
  return { server, streams, players }
}

function tableOf(snapshot: Snapshot): readonly string[] {
  return statusTable(snapshot, process.stdout.columns ?? defaultWidth, new Date())
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
