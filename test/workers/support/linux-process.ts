import { readFileSync } from 'node:fs'

/** The environment a process was started with; empty for one that ends, or has. */
export function environmentOf(pid: number): ReadonlyMap<string, string> {
  const entries = read(pid, 'environ').split('\0')
  return new Map(entries.map(entry => [entry.replace(/=.*/s, ''), entry.replace(/^[^=]*=/, '')]))
}

/** False for one that has ended, even if its parent has not asked for it yet. */
export function isAlive(pid: number): boolean {
  return /^State:\s+[^ZX\s]/m.test(read(pid, 'status'))
}

function read(pid: number, what: string): string {
  try {
    return readFileSync(`/proc/${pid}/${what}`, 'utf8')
  } catch {
    return ''
  }
}
