import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** One file for browsers, ready to be sent. */
export interface BuiltFile {
  /** Relative to the folder, with `/`. */
  readonly path: string
  readonly type: string
  readonly bytes: Buffer
  readonly compressed: Buffer
  readonly etag: string
}

/**
 * Reads the files of a folder. There are a few, and each is some KB: they are kept, and no request leads to the disk.
 *
 * @param kind what their names end in. Default: all files
 */
export async function builtFiles(folder: string, kind = ''): Promise<readonly BuiltFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter(entry => entry.isFile() && entry.name.endsWith(kind))
  return await Promise.all(files.map(({ parentPath, name }) => builtFile(folder, join(parentPath, name))))
}

async function builtFile(folder: string, file: string): Promise<BuiltFile> {
  const type = types[extname(file)]
  if (type === undefined) throw new Error(`a file for browsers is of an unknown kind: ${file}`)
  const bytes = await readFile(file)
  return {
    path: file.slice(folder.length + 1).replaceAll('\\', '/'),
    type,
    bytes,
    compressed: await promisify(gzip)(bytes, { level: 9 }),
    etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`,
  }
}
