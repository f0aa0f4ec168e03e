import { relative } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { parseArgs } from 'node:util'
import { askFolder } from './ask-folder.ts'
import { makeProject } from './make-project.ts'
import { ownManifest } from './own-manifest.ts'
import { projectFolder } from './project-folder.ts'
import { UsageError } from './usage-error.ts'

/** Where the command runs. */
export interface Surroundings {
  readonly workingFolder: string
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly stdout: Writable & { readonly isTTY?: boolean }
  readonly stderr: Writable
}

const usage = `Usage: npm create rtmpipe [folder]

Makes a project with an RTMP server, a plugin of your own and its test. Asks for the folder if none is named.

  -h, --help     print this
  -v, --version  print the version`

/** The `create-rtmpipe` command. Resolves with its exit code: 2 for what the user can mend. */
export async function main(
  args: readonly string[],
  around: Surroundings = {
    workingFolder: process.cwd(),
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
  },
): Promise<number> {
  const print = (text: string) => void around.stdout.write(`${text}\n`)
  try {
    const { values, positionals } = parsed(args)
    if (values.help === true) print(usage)
    else if (values.version === true) print(ownManifest().version)
    else {
      const path = positionals[0] ?? (await asked(around))
      if (path === undefined) return 130
      const folder = projectFolder(path, around.workingFolder)
      makeProject(folder)
      print(nextSteps(relative(around.workingFolder, folder.path)))
    }
    return 0
  } catch (error) {
    around.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`)
    return error instanceof UsageError ? 2 : 1
  }
}

function parsed(args: readonly string[]): {
  readonly values: { readonly help?: boolean; readonly version?: boolean }
  readonly positionals: readonly string[]
} {
  const flag = (short: string) => ({ type: 'boolean', short }) as const
  try {
    const result = parseArgs({
      args: [...args],
      options: { help: flag('h'), version: flag('v') },
      allowPositionals: true,
    })
    if (result.positionals.length > 1) throw new Error(`one folder is enough: ${result.positionals.join(' ')}`)
    return result
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${usage}`, { cause: error })
  }
}

async function asked({ workingFolder, stdin, stdout }: Surroundings): Promise<string | undefined> {
  if (stdin.isTTY !== true || stdout.isTTY !== true) {
    throw new UsageError('name the folder of the new project: npm create rtmpipe my-server')
  }
  return askFolder(stdin, stdout, path => {
    try {
      projectFolder(path, workingFolder)
      return undefined
    } catch (error) {
      return (error as Error).message
    }
  })
}

function nextSteps(folder: string): string {
  const steps = ['npm install', 'npm test', 'npm start']
  if (folder !== '') steps.unshift(`cd ${/\s/.test(folder) ? JSON.stringify(folder) : folder}`)
  return `Made ${folder === '' ? 'a server' : folder}. Go on with\n\n${steps.map(step => `  ${step}`).join('\n')}\n\nThe README there tells how to publish and play.`
}
