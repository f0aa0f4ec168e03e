import type { Path } from './path.ts'

/** One thing that is wrong with a configuration. */
export interface Problem {
  /** Of what is wrong, or of what is missing. */
  readonly path: Path
  /** What is wrong, and what would be right. Nothing secret. */
  readonly text: string
  /** The value, where it may be shown. */
  readonly shown?: unknown
  /** True when there is nothing at the path. */
  readonly isMissing?: boolean
  /** Of values that are right and can't be used: why. `text` says it with the values. */
  readonly reason?: string
}

const longest = 60

/** A value in a message. */
export function shownValue(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'an object'
  if (typeof value === 'function') return 'a function'
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value)
  return text.length > longest ? `${text.slice(0, longest)}…` : text
}
