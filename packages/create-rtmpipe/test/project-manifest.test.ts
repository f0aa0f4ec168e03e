import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { projectManifest } from '../src/project-manifest.ts'

interface Manifest {
  readonly name: string
  readonly version: string
  readonly engines: object
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

const read = (path: string) => JSON.parse(readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8'))
const own: Manifest = read('packages/create-rtmpipe/package.json')
const rtmpipe: Manifest = read('packages/rtmpipe/package.json')

describe('projectManifest', () => {
  it('asks for the rtmpipe of the same release', () => {
    const manifest = projectManifest('my-server') as Manifest
    expect(manifest.name).toBe('my-server')
    expect(manifest.dependencies).toEqual({ rtmpipe: `^${rtmpipe.version}` })
    expect(manifest.devDependencies['@rtmpipe/testing']).toBe(`^${rtmpipe.version}`)
    expect(manifest.engines).toEqual(rtmpipe.engines)
  })

  it('is released with rtmpipe, always', () => {
    const { fixed } = read('.changeset/config.json') as { fixed: string[][] }
    expect(fixed.find(group => group.includes('rtmpipe'))).toContain('create-rtmpipe')
    expect(own.version).toBe(rtmpipe.version)
  })

  it('takes the other versions from what this workspace is tested with', () => {
    const { devDependencies } = projectManifest('my-server') as Manifest
    const workspace = (read('package.json') as Manifest).devDependencies
    for (const name of ['@types/node', 'typescript', 'vitest']) expect(devDependencies[name]).toBe(workspace[name])
  })

  it('goes by a manifest of another day', () => {
    const { dependencies } = projectManifest('x', { ...own, version: '2.3.4' } as never) as Manifest
    expect(dependencies).toEqual({ rtmpipe: '^2.3.4' })
  })
})
