import { realpathSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CliError } from '../../serve/cli-error.ts'
import { isAtHome, type UnitFile, unitFiles } from './units.ts'

/** Options of `rtmpipe systemd`, as the command line gives them. */
export interface SystemdCommandOptions {
  readonly sockets?: boolean
  readonly output?: string
}

/**
 * `rtmpipe systemd`: prints units, or writes them into a folder.
 *
 * @param serveOptions options of `rtmpipe serve`
 * @throws CliError when they can't be written
 */
export async function systemd(
  serveOptions: readonly string[],
  { sockets = false, output }: SystemdCommandOptions,
): Promise<void> {
  const [node, command] = [process.execPath, realpathSync(process.argv[1] ?? '')]
  const units = unitFiles({ node, command, options: serveOptions, sockets })
  for (const path of [node, command]) warnOf(path)
  if (output !== undefined) return write(units, output)
  const texts = units.map(({ name, text }) => (units.length === 1 ? text : `# /etc/systemd/system/${name}\n${text}`))
  process.stdout.write(texts.join('\n'))
}

async function write(units: readonly UnitFile[], folder: string): Promise<void> {
  for (const { name, text } of units) {
    const file = join(folder, name)
    try {
      await writeFile(file, text)
    } catch (error) {
      throw new CliError(`can't write ${file}: ${(error as Error).message}`, { cause: error })
    }
    process.stdout.write(`${file} written\n`)
  }
}

/** A service is nobody in particular: it can't read what only its owner can, and npx clears up. */
function warnOf(path: string): void {
  const advice = 'install Node for all users, and rtmpipe with npm install --global rtmpipe'
  if (path.includes('/_npx/')) process.stderr.write(`${path} is a copy of npx, which will not stay: ${advice}\n`)
  else if (isAtHome(path))
    process.stderr.write(`${path} is in a home folder, which the service may not read: ${advice}\n`)
}
