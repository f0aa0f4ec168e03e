import { writeFile } from 'node:fs/promises'
import { findConfigFile } from '../config/config-file.ts'
import { configTemplate } from '../config/template.ts'
import { form } from '../sections/form.ts'
import { CliError } from '../serve/cli-error.ts'

/** `rtmpipe init`: writes a configuration file into the working directory. @throws CliError when there is one */
export async function init({ json = false }: { readonly json?: boolean }): Promise<void> {
  const file = `rtmpipe.config.${json ? 'json' : 'ts'}`
  const other = findConfigFile('.')
  if (other !== undefined) throw new CliError(`${other} is here already: nothing was written`)
  try {
    await writeFile(file, configTemplate(form, json ? 'json' : 'ts'), { flag: 'wx' })
  } catch (error) {
    throw new CliError(`can't write ${file}: ${(error as Error).message}`, { cause: error })
  }
  process.stdout.write(`${file} written: remove the slashes in front of what you want, then start rtmpipe serve\n`)
}
