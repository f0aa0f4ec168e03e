import { readFile } from 'node:fs/promises'
import { defaultSessionLimits } from '@rtmpipe/session'
import { type Finding, fine, problem, warning } from './finding.ts'

/** Files that a server has open beside its connections: logs, recordings, modules, sockets of its own. */
const others = 200
/** Less than this is a mistake. */
const fewest = 1_024

const advice =
  'raise it: LimitNOFILE= of the unit (rtmpipe systemd has 65536), ulimits of the container, or /etc/security/limits.conf'

/**
 * How many files, and so connections, a process may have open. Node takes the hard limit by itself.
 *
 * @param connections how many the server lets in
 */
export async function fileLimitFindings(
  connections: number = defaultSessionLimits.maxConnections,
  proc = '/proc',
): Promise<readonly Finding[]> {
  const limit = hardLimit(await readFile(`${proc}/self/limits`, 'utf8').catch(() => ''))
  if (limit === undefined) return [fine('file limit', 'not known on this system; ulimit -Hn says it')]
  const text = `${limit} files, as ulimit -Hn says`
  if (limit < fewest) return [problem('file limit', text, advice)]
  if (limit - others >= connections) return [fine('file limit', text)]
  const lets = `${text}: about ${limit - others} connections, where sessionLimits.maxConnections lets in ${connections}`
  return [warning('file limit', lets, advice)]
}

function hardLimit(limits: string): number | undefined {
  const [, hard] = /^Max open files +\S+ +(\S+)/m.exec(limits) ?? []
  return hard === undefined ? undefined : hard === 'unlimited' ? Infinity : Number(hard)
}
