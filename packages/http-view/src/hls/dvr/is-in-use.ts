import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { journalAt } from './recording.ts'
import { journalName } from './stream-folder.ts'

/** Milliseconds since the last segment after which nobody writes any more: the number of a process may be another's by then. */
const stillness = 60_000

/** Whether another process of this machine still writes a stream there: one that is about to end as this one begins. */
export async function isInUse(path: string): Promise<boolean> {
  const pid = (await journalAt(path))?.stream.pid
  if (pid === undefined || pid === process.pid || !isAlive(pid)) return false
  const { mtimeMs } = await stat(join(path, journalName))
  return Date.now() - mtimeMs < stillness
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
