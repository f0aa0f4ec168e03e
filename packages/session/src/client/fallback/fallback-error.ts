import { RtmpError } from '@rtmpipe/chunk-stream'
import type { ConnectAttempt } from '../../contract/connect-attempt.ts'
import { reasonOf } from './attempts-text.ts'

/** None of the ways to a server led there. `cause` is the TimeoutError when the time for all of them was over. */
export class FallbackError extends RtmpError {
  override readonly name = 'FallbackError'
  /** What was tried, in order, and why each has failed. */
  readonly attempts: readonly ConnectAttempt[]
  /** The errors of the attempts, as AggregateError has them. */
  readonly errors: readonly Error[]

  constructor(attempts: readonly ConnectAttempt[], options?: ErrorOptions) {
    const reasons = attempts.map(attempt => `${attempt.url}: ${reasonOf(attempt)}`)
    super(
      'RTMP_ERR_FALLBACK',
      `no server answered: ${reasons.join('; ')}. Look at the host's name and whether the server runs; if it listens ` +
        'on other ports, name them in the fallback list, like rtmpts:8443',
      options,
    )
    this.attempts = attempts
    this.errors = attempts.flatMap(({ error }) => error ?? [])
  }
}
