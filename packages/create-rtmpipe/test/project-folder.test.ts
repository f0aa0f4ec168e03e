import { mkdir, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { TemporaryFolder } from '../../../test/support/temporary-folder.ts'
import { projectFolder } from '../src/project-folder.ts'
import { UsageError } from '../src/usage-error.ts'

const complaintOf = (path: string, workingFolder: string): string => {
  try {
    projectFolder(path, workingFolder)
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError)
    return (error as Error).message
  }
  return 'none'
}

describe('projectFolder', () => {
  it('is new, or empty but for git', async () => {
    await using folder = await TemporaryFolder.create()
    await mkdir(folder.file('empty'))
    await mkdir(folder.file('git/.git'), { recursive: true })
    for (const path of ['my-server', 'apps/my-server', 'empty', 'git', folder.file('absolute')]) {
      expect(complaintOf(path, folder.path)).toBe('none')
    }
    expect(projectFolder('apps/my-server/', folder.path)).toEqual({
      path: folder.file('apps/my-server'),
      name: 'my-server',
    })
    expect(projectFolder('.', folder.file('empty'))).toEqual({ path: folder.file('empty'), name: 'empty' })
  })

  it('holds nothing that could be overwritten', async () => {
    await using folder = await TemporaryFolder.create()
    await mkdir(folder.file('full'))
    await writeFile(folder.file('full/package.json'), '{}')
    await writeFile(folder.file('file'), '')
    expect(complaintOf('full', folder.path)).toBe(
      'full is not empty: name a folder that is, or that does not exist yet',
    )
    expect(complaintOf('file', folder.path)).toContain('a file is in the way')
    expect(complaintOf('file/within', folder.path)).toContain('a file is in the way')
  })

  it.each([
    ['My-Server', 'capital letters'],
    ['my server', 'URL-friendly'],
    ['.hidden', 'cannot start with a period'],
    ['_private', 'cannot start with an underscore'],
    ['node_modules', 'not a valid package name'],
    ['http', 'core module name'],
    ['x'.repeat(215), '214 characters'],
    ['', 'needs a name'],
    [' ', 'needs a name'],
  ])('can not be %j', async (path, reason) => {
    await using folder = await TemporaryFolder.create()
    expect(complaintOf(path, folder.path)).toContain(reason)
  })
})
