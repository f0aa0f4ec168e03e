import { type OwnManifest, ownManifest } from './own-manifest.ts'

/** The `package.json` of a new project. */
export function projectManifest(name: string, own: OwnManifest = ownManifest()): object {
  const ours = `^${own.version}`
  const tested = (dependency: string) => own.devDependencies[dependency] as string
  return {
    name,
    version: '0.0.0',
    private: true,
    type: 'module',
    engines: own.engines,
    scripts: {
      prestart: 'tsc',
      start: 'node --env-file=.env dist/server.js',
      test: 'vitest run --dir src',
      check: 'tsc --noEmit',
    },
    dependencies: {
      rtmpipe: ours,
    },
    devDependencies: {
      '@rtmpipe/testing': ours,
      '@types/node': tested('@types/node'),
      typescript: tested('typescript'),
      vitest: tested('vitest'),
    },
  }
}
