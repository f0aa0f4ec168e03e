// What npm runs in a package's folder before and after it makes the tarball (`prepack`, `postpack`):
//   node ../../scripts/tarball.js prepare   puts files in place as they are published
//   node ../../scripts/tarball.js restore   puts back those of the workspace
// Published are: the license; a manifest without what is only of use here; a README whose links work everywhere; and
// code that points to no source maps, as those are of no use without the sources.
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join, posix } from 'node:path'

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
  const isPublished = path => !path.endsWith('.map') && !path.endsWith('.tsbuildinfo')
  await cp('dist', join(unfinished, 'dist'), { recursive: true, filter: isPublished })
  for (const file of await readdir(join(unfinished, 'dist'), { recursive: true })) {
    if (!/\.(js|d\.ts)$/.test(file)) continue
    const path = join(unfinished, 'dist', file)
    const code = await readFile(path, 'utf8')
    await writeFile(path, code.replace(/^\/\/# sourceMappingURL=.*\n?/m, ''))
  }
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

/** Without scripts and development dependencies, and without the condition that leads tests to the sources. */
function publishedManifest({ scripts: _scripts, devDependencies: _devDependencies, ...manifest }) {
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
  return Object.fromEntries(Object.entries(target).filter(([condition]) => condition !== '@rtmpipe/source'))
}

/** Links relative to the package's folder lead to the repository. */
function withAbsoluteLinks(markdown, { repository }) {
  const pages = `${repository.url.replace(/^git\+|\.git$/g, '')}/blob/main/`
  return markdown.replace(/\]\((?![a-z]+:|#)([^)\s]+)\)/g, (_, target) => {
    return `](${pages}${posix.normalize(posix.join(repository.directory, target))})`
  })
}
