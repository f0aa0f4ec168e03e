import { RtmpError } from '@rtmpipe/chunk-stream'

/** A configuration that can't be used. Its message has a line for everything that is wrong, and nothing secret. */
export class ConfigError extends RtmpError {
  override readonly name = 'ConfigError'
  /** A line each, with the place. */
  readonly problems: readonly string[]

  constructor(problems: readonly string[], options?: ErrorOptions) {
    super('RTMP_ERR_CONFIG', problems.join('\n'), options)
    this.problems = problems
  }
}
