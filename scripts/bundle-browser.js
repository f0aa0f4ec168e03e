// Makes what `src/browser` of a package has for pages: `index.ts` becomes `dist/browser/rtmpipe.js`, `elements.ts` and
// `worker.ts` keep their names, and what they share is a file beside them. Nothing of Node is left in it: what
// `src/browser/platform` has stands in for Node's modules and globals, and another import of Node ends the build.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'

/** Each file of `platform` stands in for one module. */
const standIns = {
  buffer: 'buffer.ts',
  events: 'events.ts',
  'node:events': 'events.ts',
  'readable-stream': 'streams/index.ts',
}

/** And these for what the classes of `readable-stream` import. */
const inStreams = {
  'process/': 'process.ts',
  'string_decoder/': 'string-decoder.ts',
  '../../ours/errors': 'errors.ts',
  '../../ours/util': 'util.ts',
  '../validators': 'checks.ts',
  './add-abort-signal': 'nothing.ts',
  './duplexify': 'nothing.ts',
  './from': 'nothing.ts',
}

/** Where sound is played or recorded, nothing else can be loaded, and nothing of Node is used. */
const alone = {
  entryPoints: { worklet: 'src/browser/worklet.ts', 'publisher-worker': 'src/browser/publisher-worker.ts' },
  splitting: false,
  inject: [],
}

/**
 * @param folder of the package
 * @param options of esbuild that differ; tests have entry points of their own
 * @returns esbuild's `outputFiles`, not written, and `metafile`
 */
export async function bundleBrowser(folder, options = {}) {
  const platform = join(folder, 'src/browser/platform')
  const common = {
    absWorkingDir: folder,
    outdir: 'dist/browser',
    chunkNames: 'shared-[hash]',
    bundle: true,
    splitting: true,
    minify: true,
    platform: 'browser',
    mainFields: ['browser', 'module', 'main'],
    conditions: ['@rtmpipe/source', 'browser'],
    format: 'esm',
    target: 'es2022',
    inject: [join(platform, 'globals.ts')],
    plugins: [withoutNode(platform)],
    legalComments: 'none',
    logLevel: 'warning',
    metafile: true,
    write: false,
  }
  const result = await build({ ...common, entryPoints: entryPoints(folder), ...options })
  if (options.entryPoints === undefined) addTo(result, await build({ ...common, ...alone }))
  const left = Object.values(result.metafile.outputs).flatMap(({ imports }) => imports.filter(each => each.external))
  if (left.length > 0) throw new Error(`not for browsers: ${left.map(({ path }) => path).join(', ')}`)
  return result
}

function addTo({ outputFiles, metafile }, other) {
  outputFiles.push(...other.outputFiles)
  Object.assign(metafile.inputs, other.metafile.inputs)
  Object.assign(metafile.outputs, other.metafile.outputs)
}

function entryPoints(folder) {
  const names = readdirSync(join(folder, 'src/browser')).filter(name => /^(index|elements|worker|mse)\.ts$/.test(name))
  return Object.fromEntries(names.map(name => [name.replace('index', 'rtmpipe').slice(0, -3), `src/browser/${name}`]))
}

function withoutNode(platform) {
  return {
    name: 'without-node',
    setup({ onResolve, resolve }) {
      onResolve({ filter: /./ }, async ({ path, importer, resolveDir, kind, pluginData }) => {
        if (pluginData === 'resolved') return undefined
        const goesOn = { resolveDir, kind, importer, pluginData: 'resolved' }
        if (standIns[path] !== undefined) return { path: join(platform, standIns[path]), sideEffects: false }
        if (/readable-stream.lib/.test(importer) && inStreams[path] !== undefined)
          return { path: join(platform, 'streams', inStreams[path]), sideEffects: false }
        // A class that nobody uses is left out.
        if (path.startsWith('readable-stream/')) return { ...(await resolve(path, goesOn)), sideEffects: false }
        // It goes with the server's code that imports it; what is left of it is found out at the end.
        return path.startsWith('node:') ? { path, external: true, sideEffects: false } : undefined
      })
    },
  }
}

/** Whether the package has anything for pages. */
export function isForBrowsers(folder) {
  return existsSync(join(folder, 'src/browser'))
}
