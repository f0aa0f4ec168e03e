import { STATUS_CODES } from 'node:http'
import type { Problem } from './problem.ts'

/** More that an answer with a problem says. */
export interface ProblemExtras {
  readonly field?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Thrown by handlers for what is answered with a {@link Problem}. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError'
  readonly statusCode: number
  readonly field: string | undefined
  readonly headers: Readonly<Record<string, string>>

  constructor(statusCode: number, detail: string, { field, headers = {} }: ProblemExtras = {}) {
    super(detail)
    this.statusCode = statusCode
    this.field = field
    this.headers = headers
  }

  get document(): Problem {
    return problem(this.statusCode, this.message, this.field)
  }
}

export function problem(status: number, detail: string, field?: string): Problem {
  const title = STATUS_CODES[status] ?? 'Error'
  return { type: 'about:blank', title, status, detail, ...(field !== undefined && { field }) }
}
