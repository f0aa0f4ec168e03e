import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Subject } from './subject.ts'

/** Where npm has put it. @throws when it is not installed */
export function nodeMediaServerFolder(): string {
  const require = createRequire(import.meta.url)
  // Its entry is src/index.js; package.json need not be exported.
  return dirname(dirname(require.resolve('node-media-server')))
}

/** Node-Media-Server with nothing but RTMP. */
export const nodeMediaServer: Subject = {
  name: 'Node-Media-Server',
  reference: true,
  version: async () => {
    const manifest = readFileSync(join(nodeMediaServerFolder(), 'package.json'), 'utf8')
    return (JSON.parse(manifest) as { version: string }).version
  },
  command: ({ rtmp }, folder) => {
    const file = folder.file('config.json')
    const configuration = {
      bind: '127.0.0.1',
      store: { path: folder.file('data') },
      auth: { play: false, publish: false, secret: 'none' },
      rtmp: { port: rtmp },
      record: { auto: false, path: folder.file('record') },
    }
    writeFileSync(file, JSON.stringify(configuration))
    const program = join(nodeMediaServerFolder(), 'bin/app.js')
    return { file: process.execPath, args: [program, '-c', file, '--no-admin'] }
  },
}
