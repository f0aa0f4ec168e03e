import type { Watched } from './watched.ts'

interface Folder {
  readonly programs: Set<Watched>
  /** Milliseconds, when somebody asked for a playlist in it. */
  usedAt: number
}

/** Programs by the folders that they were asked for by: a gate may have said another name, and may say so for many. */
export class Folders {
  readonly #folders = new Map<string, Folder>()
  readonly #patience: number

  /** @param patience milliseconds that what a playlist has listed is asked for */
  constructor(patience: number) {
    this.#patience = patience
  }

  get size(): number {
    return this.#folders.size
  }

  programs(folder: string): Iterable<Watched> {
    return this.#folders.get(folder)?.programs ?? []
  }

  /** Those that a program is in. */
  of(program: Watched): readonly string[] {
    return [...this.#folders].flatMap(([name, { programs }]) => (programs.has(program) ? [name] : []))
  }

  add(folder: string, program: Watched, now: number): void {
    const known = this.#folders.get(folder) ?? { programs: new Set(), usedAt: now }
    known.programs.add(program)
    known.usedAt = now
    this.#folders.set(folder, known)
  }

  /** @returns whether the program is in the folder, which is kept for longer then */
  use(folder: string, program: Watched, now: number): boolean {
    const known = this.#folders.get(folder)
    if (known?.programs.has(program) !== true) return false
    known.usedAt = now
    return true
  }

  /** @returns those that are gone since nobody uses them */
  expire(now: number): readonly string[] {
    const gone = [...this.#folders].filter(([, { usedAt }]) => now - usedAt > this.#patience).map(([name]) => name)
    for (const name of gone) this.#folders.delete(name)
    return gone
  }

  /** @returns those that are gone with the program */
  forget(program: Watched): readonly string[] {
    const gone: string[] = []
    for (const [name, { programs }] of this.#folders) {
      programs.delete(program)
      if (programs.size === 0) gone.push(name)
    }
    for (const name of gone) this.#folders.delete(name)
    return gone
  }

  clear(): void {
    this.#folders.clear()
  }
}
