import type { Problem } from '../problem/problem.ts'

/** What the API has answered in place of what was asked for. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  /** The status of the answer. */
  readonly status: number
  /** What the server says of it. */
  readonly problem: Problem
  /** Milliseconds that the server asks to wait for. */
  readonly retryAfter: number | undefined

  constructor(problem: Problem, retryAfter?: number) {
    super(problem.detail)
    this.status = problem.status
    this.problem = problem
    this.retryAfter = retryAfter
  }

  /** Reads an answer that is no success, whoever gave it. */
  static async of(answer: Response): Promise<ApiError> {
    const seconds = Number(answer.headers.get('retry-after') ?? Number.NaN)
    const problem = await answer.json().catch(() => undefined)
    return new ApiError(
      isProblem(problem) ? problem : foreignProblem(answer),
      Number.isFinite(seconds) ? seconds * 1_000 : undefined,
    )
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
