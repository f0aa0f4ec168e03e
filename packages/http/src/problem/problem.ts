/** What went wrong, as RFC 9457 writes it (`application/problem+json`). */
export interface Problem {
  /** `about:blank`: the status says of what kind it is. */
  readonly type: string
  /** The words of the status. */
  readonly title: string
  /** The status of the answer. */
  readonly status: number
  /** What is wrong with this request, and what to do. */
  readonly detail: string
  /** Of a 400: what is wrong, as the request names it. */
  readonly field?: string
}
