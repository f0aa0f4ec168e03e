import { CliError } from './cli-error.ts'

/** Some processes have taken a configuration over, others have not: it is no longer as it was. */
export class PartialUpdateError extends CliError {
  override readonly name = 'PartialUpdateError'
}
