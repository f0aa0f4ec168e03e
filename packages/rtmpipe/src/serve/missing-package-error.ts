import { CliError } from './cli-error.ts'

/** A package that is not installed, because only some need it. */
export class MissingPackageError extends CliError {
  override readonly name: string = 'MissingPackageError'
  /** What is missing, and for what. */
  readonly what: string
  /** How to install it. */
  readonly advice: string

  /** @param use what needs the package */
  constructor(use: string, name: string) {
    const what = `${use} needs ${name}, which is not installed`
    const advice = `npm install rtmpipe ${name}`
    super(`${what}: ${advice}`)
    this.what = what
    this.advice = advice
  }
}
