import { repair } from '@rtmpipe/plugins/record'
import { CliError } from '../serve/cli-error.ts'

/** `rtmpipe repair FILE…`: the files one after the other. @throws CliError for the first that can't be repaired */
export async function repairFiles(files: readonly string[]): Promise<void> {
  for (const path of files) {
    const { file, duration, bytes, cut, kept } = await repair(path).catch((error: Error) => {
      throw new CliError(`can't repair ${path}: ${error.message}`, { cause: error })
    })
    const beside = kept === undefined ? '' : ` and kept in ${kept}`
    process.stdout.write(`${file}: ${(duration / 1000).toFixed(3)} s, ${bytes} bytes, ${cut} cut off${beside}\n`)
  }
}
