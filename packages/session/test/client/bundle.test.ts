import { build, type Metafile } from 'esbuild'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'

/** What a program brings along that connects over transports given as values. */
const program = `
  import { connect } from '@rtmpipe/session/client'
  export const publish = (url, transport) => connect(url, { transports: [transport] }).then(client => client.publish('name'))
`

describe('@rtmpipe/session/client in a bundle', () => {
  let metafile: Metafile

  beforeAll(async () => {
    const options = { bundle: true, metafile: true, write: false, platform: 'node', format: 'esm' } as const
    const stdin = { contents: program, resolveDir: fileURLToPath(new URL('.', import.meta.url)) }
    ;({ metafile } = await build({ ...options, stdin, conditions: ['@rtmpipe/source'] }))
  })

  const sources = () => Object.keys(metafile.inputs)
  const builtIns = () => {
    const imports = Object.values(metafile.outputs).flatMap(output => output.imports)
    return new Set(imports.filter(({ external }) => external).map(({ path }) => path.replace('node:', '')))
  }

  it('takes of Node what has a substitute elsewhere: no files, no sockets, no HTTP', () => {
    expect([...builtIns()].sort()).toEqual(['buffer', 'crypto', 'events', 'stream'])
  })

  it('takes of the session what a client needs: no server, no hooks', () => {
    const rooms = sources().flatMap(source => /packages\/session\/src\/([^/]+)\//.exec(source)?.[1] ?? [])
    expect([...new Set(rooms)].sort()).toEqual(['client', 'contract', 'live', 'peer', 'protocol', 'shared-object'])
    expect(sources().filter(source => /shared-object\/(store|saver|shared-objects)|live\/live-/.test(source))).toEqual(
      [],
    )
  })

  it('takes of the packages those below', () => {
    const packages = sources().flatMap(source => /^(?:\.\.\/)*packages\/([^/]+)\//.exec(source)?.[1] ?? [])
    expect([...new Set(packages)].sort()).toEqual(['amf', 'chunk-stream', 'flv', 'net', 'session'])
    // Of sockets only what tells protocols apart by their first bytes.
    const ofNet = Object.values(metafile.outputs).flatMap(({ inputs }) =>
      Object.entries(inputs).flatMap(([source, { bytesInOutput }]) =>
        bytesInOutput > 0 ? (/packages\/net\/src\/(.+)/.exec(source)?.[1] ?? []) : [],
      ),
    )
    expect(ofNet.filter(source => !source.startsWith('first-bytes/'))).toEqual([])
  })
})
