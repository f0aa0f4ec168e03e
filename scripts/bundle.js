// Makes the JavaScript of every package: one file for each entry point of its `exports` and its bin, and what they share
// (`node scripts/bundle.js`; `tsc -b` makes the types). Node reads one file sooner than fifty, and users install less:
// development dependencies that the source imports become part of the bundle, with their licenses beside it. A package with
// a vite config has files for a browser too, and one with `src/browser` a library for pages (bundle-browser.js).
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { build as buildForBrowser } from 'vite'
import { bundleBrowser, isForBrowsers } from './bundle-browser.js'
import { browserTypes } from './browser-types.js'

const packages = fileURLToPath(new URL('../packages', import.meta.url))
await Promise.all(readdirSync(packages).map(name => bundle(join(packages, name))))

async function bundle(folder) {
  if (!existsSync(join(folder, 'package.json'))) return
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const { outputFiles, metafile } = await build({
    absWorkingDir: folder,
    entryPoints: entryPoints(folder, manifest),
    outbase: 'src',
    outdir: 'dist',
    chunkNames: 'shared/[name]-[hash]',
    bundle: true,
    splitting: true,
    external: Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }),
    platform: 'node',
    mainFields: ['module', 'main'],
    format: 'esm',
    target: 'node20',
    tsconfigRaw: { compilerOptions: { experimentalDecorators: true, useDefineForClassFields: true } },
    logLevel: 'warning',
    metafile: true,
    write: false,
  })
  await removeScripts(join(folder, 'dist'))
  const forPages = isForBrowsers(folder) ? await bundleBrowser(folder) : { outputFiles: [], metafile: { inputs: {} } }
  for (const { path, text } of [...outputFiles, ...forPages.outputFiles]) {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text.includes('typeof require') ? withRequire(text) : text)
  }
  if (isForBrowsers(folder)) await browserTypes(folder)
  const inputs = [metafile, forPages.metafile].flatMap(each => Object.keys(each.inputs))
  inputs.push(...(await bundleForBrowser(folder)))
  const included = new Set(inputs.flatMap(input => packageFolder(input) ?? []))
  if (included.size === 0) return
  // What others have put into their own bundles already.
  const notices = join(folder, 'notices.txt')
  const texts = [
    ...licenses(folder, [...included].sort()),
    ...(existsSync(notices) ? [readFileSync(notices, 'utf8')] : []),
  ]
  await writeFile(join(folder, 'dist/licenses.txt'), texts.join(`\n${'-'.repeat(80)}\n\n`))
}

/** @returns the files that went into it, relative to the folder */
async function bundleForBrowser(folder) {
  const configs = readdirSync(folder).filter(name => /^vite\.(\w+\.)?config\.ts$/.test(name))
  const built = await Promise.all(
    configs.map(name => buildForBrowser({ configFile: join(folder, name), logLevel: 'warn' })),
  )
  const modules = built.flatMap(({ output }) => output.flatMap(({ moduleIds = [] }) => moduleIds))
  return modules.filter(isAbsolute).map(module => relative(folder, module.replace(/\?.*/, '')))
}

/** Source files behind `exports`, and behind what the files in bin import. */
function entryPoints(folder, { exports = {}, bin = {} }) {
  const sources = Object.values(exports).flatMap(target => nodeSources(folder, target['@rtmpipe/source']))
  const behindBin = Object.values(bin).flatMap(file => {
    const imports = readFileSync(join(folder, file), 'utf8').matchAll(/'\.\.\/dist\/(.+)\.js'/g)
    return [...imports].map(([, name]) => `src/${name}.ts`)
  })
  return [...new Set([...sources, ...behindBin])]
}

/** Those behind one target; none where it is for browsers alone. */
function nodeSources(folder, source) {
  const target = typeof source === 'string' ? source : source.default
  return target === undefined ? [] : matches(folder, target)
}

/** The files that a target of `exports` means: `*` is any one name. */
function matches(folder, target) {
  const [before, after] = target.split('*')
  if (after === undefined) return [target]
  const names = readdirSync(join(folder, before)).map(name => name.replace(/\.ts$/, ''))
  return names.map(name => before + name + after).filter(file => existsSync(join(folder, file)))
}

/** Those of an earlier build, whose names may have been others. */
async function removeScripts(dist) {
  if (!existsSync(dist)) return
  for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && /\.(js|map)$/.test(entry.name)) await rm(join(entry.parentPath, entry.name))
  }
}

/** The package that a file of somebody else's belongs to. */
function packageFolder(input) {
  return /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0]
}

/** CommonJS that is part of an ES module asks for Node's modules with `require`, if there is one. */
function withRequire(text) {
  return `import { createRequire as makeRequire } from 'node:module'\nconst require = makeRequire(import.meta.url)\n${text}`
}

function licenses(folder, included) {
  return included.map(path => {
    const { name, version } = JSON.parse(readFileSync(join(folder, path, 'package.json'), 'utf8'))
    const file = readdirSync(join(folder, path)).find(each => /^licen[cs]e/i.test(each))
    if (file === undefined) throw new Error(`${name} has no license in its package: it can't be part of a bundle`)
    return `${name} ${version}\n\n${readFileSync(join(folder, path, file), 'utf8').trim()}\n`
  })
}
