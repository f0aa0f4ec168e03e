// Makes the JavaScript of every package: one file for each entry point of its `exports` and its bin, and what they share
// (`node scripts/bundle.js`; `tsc -b` makes the types). Node reads one file sooner than fifty: importing rtmpipe takes
// half the time, and less memory.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const packages = fileURLToPath(new URL('../packages', import.meta.url))
await Promise.all(readdirSync(packages).map(name => bundle(join(packages, name))))

async function bundle(folder) {
  if (!existsSync(join(folder, 'package.json'))) return
  const dist = join(folder, 'dist')
  removeScripts(dist)
  await build({
    absWorkingDir: folder,
    entryPoints: entryPoints(folder),
    outbase: 'src',
    outdir: 'dist',
    chunkNames: 'shared/[name]-[hash]',
    bundle: true,
    splitting: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    tsconfigRaw: { compilerOptions: { experimentalDecorators: true, useDefineForClassFields: true } },
    logLevel: 'warning',
  })
}

/** Source files behind `exports`, and behind what the files in bin import. */
function entryPoints(folder) {
  const { exports = {}, bin = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const sources = Object.values(exports).flatMap(target => matches(folder, target['@rtmpipe/source']))
  const behindBin = Object.values(bin).flatMap(file => {
    const imports = readFileSync(join(folder, file), 'utf8').matchAll(/'\.\.\/dist\/(.+)\.js'/g)
    return [...imports].map(([, name]) => `src/${name}.ts`)
  })
  return [...new Set([...sources, ...behindBin])]
}

/** The files that a target of `exports` means: `*` is any one name. */
function matches(folder, target) {
  const [before, after] = target.split('*')
  if (after === undefined) return [target]
  const names = readdirSync(join(folder, before)).map(name => name.replace(/\.ts$/, ''))
  return names.map(name => before + name + after).filter(file => existsSync(join(folder, file)))
}

/** Those of an earlier build, whose names may have been others. */
function removeScripts(dist) {
  if (!existsSync(dist)) return
  for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && /\.(js|map)$/.test(entry.name)) rmSync(join(entry.parentPath, entry.name))
  }
}
