// What npm runs in a package's folder before and after it makes the tarball (`prepack`, `postpack`):
//   node ../../scripts/tarball.js prepare   puts files in place as they are published
//   node ../../scripts/tarball.js restore   puts back those of the workspace
// Published are: the license; a manifest without what is only of use here; a README whose links work everywhere; and of
// the types those that an entry point leads to.
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'

const saved = '.before-pack'
const unfinished = '.before-pack.new'

const [act] = process.argv.slice(2)
// What an interrupted run left behind comes first.
await restore()
if (act === 'prepare') await prepare()
else if (act !== 'restore') throw new Error('usage: node tarball.js prepare|restore')

async function prepare() {
  const manifest = JSON.parse(await readFile('package.json', 'utf8'))
  await mkdir(unfinished)
  await writeFile(join(unfinished, 'package.json'), `${JSON.stringify(publishedManifest(manifest), null, 2)}\n`)
  await writeFile(join(unfinished, 'README.md'), withAbsoluteLinks(await readFile('README.md', 'utf8'), manifest))
  await cp('dist', join(unfinished, 'dist'), { recursive: true, filter: path => !path.endsWith('.tsbuildinfo') })
  await removeUnseenTypes(unfinished, manifest)
  // Nobody who looks into the folder meanwhile finds half of it.
  await mkdir(saved)
  for (const name of await readdir(unfinished)) {
    await rename(name, join(saved, name))
    await rename(join(unfinished, name), name)
  }
  await rm(unfinished, { recursive: true })
  await cp('../../LICENSE', 'LICENSE')
}

async function restore() {
  await rm(unfinished, { recursive: true, force: true })
  if (!existsSync(saved)) return
  for (const name of await readdir(saved)) {
    await rm(name, { recursive: true, force: true })
    await rename(join(saved, name), name)
  }
  await rm(saved, { recursive: true })
  await rm('LICENSE', { force: true })
}

async function removeUnseenTypes(folder, { exports = {} }) {
  const files = (await readdir(join(folder, 'dist'), { recursive: true }))
    .filter(file => file.endsWith('.d.ts'))
    .map(file => join(folder, 'dist', file))
  const targets = typesIn(exports).map(types => join(folder, types).split('*'))
  const waiting = files.filter(file =>
    targets.some(
      ([before, after = '']) =>
        file.startsWith(before) && file.endsWith(after) && file.length >= before.length + after.length,
    ),
  )
  const seen = new Set()
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (seen.has(file)) continue
    seen.add(file)
    const specifiers = (await readFile(file, 'utf8')).matchAll(/(?:\bfrom|\bimport)\s*\(?\s*['"](\.[^'"]+)['"]/g)
    for (const [, specifier] of specifiers) waiting.push(join(dirname(file), specifier.replace(/\.[jt]s$/, '.d.ts')))
  }
  for (const file of files) if (!seen.has(file)) await rm(file)
}

/** Whatever the conditions are that lead to them. */
function typesIn(target) {
  if (typeof target !== 'object') return []
  return Object.entries(target).flatMap(([condition, next]) => (condition === 'types' ? [next] : typesIn(next)))
}

/**
 * Without scripts and development dependencies, and without what leads to the sources: the condition of tests, and `imports`,
 * which bundles have inside.
 */
function publishedManifest({ scripts: _scripts, devDependencies: _devDependencies, imports: _imports, ...manifest }) {
  if (manifest.exports !== undefined) {
    const entries = Object.entries(manifest.exports)
    manifest.exports = Object.fromEntries(entries.map(([path, target]) => [path, withoutSource(target)]))
  }
  if (Array.isArray(manifest.sideEffects)) {
    manifest.sideEffects = manifest.sideEffects.filter(path => !path.startsWith('./src/'))
  }
  return manifest
}

function withoutSource(target) {
  if (typeof target !== 'object') return target
  const kept = Object.entries(target).filter(([condition]) => condition !== '@rtmpipe/source')
  return Object.fromEntries(kept.map(([condition, next]) => [condition, withoutSource(next)]))
}

/** Links relative to the package's folder lead to the repository. */
function withAbsoluteLinks(markdown, { repository }) {
  const pages = `${repository.url.replace(/^git\+|\.git$/g, '')}/blob/main/`
  return markdown.replace(/\]\((?![a-z]+:|#)([^)\s]+)\)/g, (_, target) => {
    return `](${pages}${posix.normalize(posix.join(repository.directory, target))})`
  })
}
