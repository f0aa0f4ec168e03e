import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** Everything a short program writes; an error when it can't be run or fails. */
export async function outputOf(file: string, args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(file, [...args], { timeout: 20_000 })
  return stdout + stderr
}
