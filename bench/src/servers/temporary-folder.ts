import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const folders = new Set<string>()
process.once('exit', () => {
  for (const path of folders) remove(path)
})

/** A folder that is removed at the end of its scope (`using`), or of this process. */
export class TemporaryFolder implements Disposable {
  readonly path: string = mkdtempSync(join(tmpdir(), 'rtmpipe-bench-'))

  constructor() {
    folders.add(this.path)
  }

  file(name: string): string {
    return join(this.path, name)
  }

  [Symbol.dispose](): void {
    folders.delete(this.path)
    remove(this.path)
  }
}

function remove(path: string): void {
  rmSync(path, { recursive: true, force: true, maxRetries: 3 })
}
