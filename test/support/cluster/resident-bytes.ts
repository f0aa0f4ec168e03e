import { readFileSync } from 'node:fs'

/** Of a process, in the memory of the machine. Linux. */
export function residentBytes(pid: number): number {
  const [, pages] = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')
  return Number(pages) * 4_096
}
