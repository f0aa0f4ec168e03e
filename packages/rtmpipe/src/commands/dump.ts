import { dump as dumpCapture, type DumpCommandOptions, DumpError } from '@rtmpipe/dump'
import { CliError } from '../serve/cli-error.ts'

/** `rtmpipe dump CAPTURE`, which is `rtmpipe-dump`. @throws CliError for what the user can mend */
export async function dump(path: string, options: DumpCommandOptions): Promise<void> {
  try {
    await dumpCapture(path, options)
  } catch (error) {
    throw error instanceof DumpError ? new CliError(error.message, { cause: error }) : error
  }
}
