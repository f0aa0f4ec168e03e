import { readdirSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import validatePackageName from 'validate-npm-package-name'
import { UsageError } from './usage-error.ts'

/** A place for a new project, and the project's name. */
export interface ProjectFolder {
  /** Absolute. */
  readonly path: string
  /** The folder's name, which is one that npm takes. */
  readonly name: string
}

/**
 * Where a new project may be made.
 *
 * @param path absolute, or relative to `workingFolder`
 * @throws UsageError for a folder that holds something or has a name that npm does not take
 */
export function projectFolder(path: string, workingFolder: string): ProjectFolder {
  if (path.trim() === '') throw new UsageError('the folder needs a name')
  const folder = resolve(workingFolder, path)
  const name = basename(folder)
  const { validForNewPackages, errors = [], warnings = [] } = validatePackageName(name)
  if (!validForNewPackages) {
    const [reason = 'npm does not take it'] = [...errors, ...warnings]
    throw new UsageError(`${JSON.stringify(name)} can't be the name of a project: ${reason}`)
  }
  if (entries(folder).some(entry => entry !== '.git')) {
    throw new UsageError(`${path} is not empty: name a folder that is, or that does not exist yet`)
  }
  return { path: folder, name }
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return []
    if (code === 'ENOTDIR') throw new UsageError(`${folder} can't be made: a file is in the way`)
    throw error
  }
}
