import { readFileSync } from 'node:fs'
import { cpuOf } from '../servers/thread-times.ts'

const pageSize = 4096

/** CPU that processes have taken, in milliseconds. */
export function cpuTime(pids: readonly number[]): number {
  return sum(pids, pid => cpuOf(readFileSync(`/proc/${pid}/stat`, 'utf8')))
}

/** Memory of theirs that is in the machine's, in bytes. */
export function residentMemory(pids: readonly number[]): number {
  return sum(pids, pid => Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * pageSize)
}

function sum(pids: readonly number[], of: (pid: number) => number): number {
  return pids.reduce((all, pid) => all + of(pid), 0)
}
