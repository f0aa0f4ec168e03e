import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ProjectFolder } from './project-folder.ts'
import { projectManifest } from './project-manifest.ts'

const template = fileURLToPath(new URL('../template', import.meta.url))

/** Writes a new project: the template's files, a `package.json`, and a stream key that nobody else has. */
export function makeProject({ path, name }: ProjectFolder): void {
  const write = (file: string, text: string, mode = 0o666) => {
    const target = join(path, file)
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, text, { flag: 'wx', mode })
  }
  write('package.json', `${JSON.stringify(projectManifest(name), null, 2)}\n`)
  write('.env', `PORT=1935\nSTREAM_KEYS=${randomBytes(12).toString('hex')}\n`, 0o600)
  for (const entry of readdirSync(template, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const source = join(entry.parentPath, entry.name)
    // npm leaves .gitignore out of packages.
    const file = source.slice(template.length + 1).replace(/^_/, '.')
    write(file, readFileSync(source, 'utf8').replaceAll('PROJECT_NAME', name))
  }
}
