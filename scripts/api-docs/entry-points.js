import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const packages = fileURLToPath(new URL('../../packages/', import.meta.url))

/**
 * What can be imported, `rtmpipe` first: the name by which a program imports it, the package that it is part of, and its
 * source.
 */
export const entryPoints = readdirSync(packages)
  .toSorted((a, b) => Number(b === 'rtmpipe') - Number(a === 'rtmpipe') || a.localeCompare(b, 'en'))
  .flatMap(folder => {
    const { name, exports = {} } = JSON.parse(readFileSync(`${packages}${folder}/package.json`, 'utf8'))
    return Object.entries(exports).map(([path, targets]) => ({
      name: `${name}${path.slice(1)}`,
      package: name,
      file: `${packages}${folder}/${targets['@rtmpipe/source'].slice(2)}`,
    }))
  })
