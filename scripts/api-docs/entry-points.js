import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const packages = fileURLToPath(new URL('../../packages/', import.meta.url))

/**
 * Other packages' entry points by another name, and plain default values: documented where they come from. Parts of a protocol
 * for our own packages.
 */
const leftOut = [/^rtmpipe\/(testing|plugins\/.*)$/, /\/defaults$/, /\/wire$/]

/**
 * What can be imported, `rtmpipe` first: the name by which a program imports it, the package that it is part of, and its
 * source.
 */
export const entryPoints = readdirSync(packages)
  .toSorted((a, b) => Number(b === 'rtmpipe') - Number(a === 'rtmpipe') || a.localeCompare(b, 'en'))
  .flatMap(folder => {
    const { name, exports = {} } = JSON.parse(readFileSync(`${packages}${folder}/package.json`, 'utf8'))
    return Object.entries(exports).flatMap(([path, targets]) => {
      const source = `${packages}${folder}/${forPages(targets['@rtmpipe/source']).slice(2)}`
      return matches(source).map(match => ({
        name: `${name}${path.slice(1).replace('*', match)}`,
        package: name,
        file: source.replace('*', match),
      }))
    })
  })
  .filter(({ name }) => !leftOut.some(pattern => pattern.test(name)))

/** What differs between Node and pages is documented as pages have it: Node's side of it is for our own packages. */
function forPages(target) {
  return typeof target === 'string' ? target : target.browser
}

/** What the `*` of a path can stand for; one empty word where there is none. */
function matches(path) {
  const [before, after] = path.split('*')
  if (after === undefined) return ['']
  return readdirSync(before)
    .map(name => (after.startsWith('.') && name.endsWith(after) ? name.slice(0, -after.length) : name))
    .filter(name => existsSync(`${before}${name}${after}`))
}
