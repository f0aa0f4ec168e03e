import type { Problem } from '../problem/problem.ts'

/** More of an {@link ApiError}. */
export interface ApiErrorDetails {
  readonly retryAfter?: number | undefined
  readonly isForeign?: boolean
}

/** What the API has answered in place of what was asked for. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  /** The status of the answer. */
  readonly status: number
  /** What the server says of it. */
  readonly problem: Problem
  /** Milliseconds that the server asks to wait for. */
  readonly retryAfter: number | undefined
  /** True when the answer is none of the API: of a server that has none, or of a proxy before it. */
  readonly isForeign: boolean

  constructor(problem: Problem, { retryAfter, isForeign = false }: ApiErrorDetails = {}) {
    super(problem.detail)
    this.status = problem.status
    this.problem = problem
    this.retryAfter = retryAfter
    this.isForeign = isForeign
  }

  /** Reads an answer that is no success, whoever gave it. */
  static async of(answer: Response): Promise<ApiError> {
    const seconds = Number(answer.headers.get('retry-after') ?? Number.NaN)
    const retryAfter = Number.isFinite(seconds) ? seconds * 1_000 : undefined
    const problem = await answer.json().catch(() => undefined)
    if (isProblem(problem)) return new ApiError(problem, { retryAfter })
    return new ApiError(foreignProblem(answer), { retryAfter, isForeign: true })
  }
}

function isProblem(value: unknown): value is Problem {
  const { status, title, detail } = (value ?? {}) as Partial<Record<keyof Problem, unknown>>
  return typeof status === 'number' && typeof title === 'string' && typeof detail === 'string'
}

/** Such as of a proxy that stands before the server, or of a server that has no API. */
function foreignProblem({ status, statusText }: Response): Problem {
  const title = statusText || `status ${status}`
  return { type: 'about:blank', title, status, detail: `${title}: this is no answer of the API of rtmpipe` }
}
