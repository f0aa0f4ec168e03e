// Makes the types of what `src/browser` of a package exports, for programs that have neither Node's types nor the packages
// that a bundle has inside: `dist/types`, copied from what `tsc -b` wrote, file by file as far as one leads to the next. What
// they want of Node is in `src/browser/node.d.ts`.
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'

const named = /^(import|export) (type )?\{([^}]*)\} from ['"]([^'"]+)['"]/gm
const ofNode = ['Buffer', 'BufferEncoding', 'NodeJS']

/** @param folder of the package, built */
export async function browserTypes(folder) {
  const packages = dirname(folder)
  const out = join(folder, 'dist/types')
  await rm(out, { recursive: true, force: true })
  const [node, nodeCopy] = [join(folder, 'src/browser/node.d.ts'), join(out, 'node.d.ts')]
  const waiting = ['index', 'elements'].map(name => join(folder, `dist/browser/${name}.d.ts`)).filter(existsSync)
  const seen = new Set()
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (seen.has(file)) continue
    seen.add(file)
    const copy = copyOf(file)
    const text = readFileSync(file, 'utf8').replace(named, (_, keyword, type = '', names, from) => {
      const targets = from.startsWith('.') ? [[sibling(file, from), names]] : elsewhere(from, names)
      return targets.map(([target, some]) => `${keyword} ${type}{${some}} from '${pathTo(copy, target)}'`).join('\n')
    })
    await mkdir(dirname(copy), { recursive: true })
    await writeFile(copy, withGlobals(text, pathTo(copy, node)))
  }
  await writeFile(nodeCopy, readFileSync(node, 'utf8'))

  function copyOf(file) {
    return file === node ? nodeCopy : join(out, relative(packages, file).replace('/dist/', '/'))
  }

  function pathTo(copy, target) {
    if (target !== node) waiting.push(target)
    const path = relative(dirname(copy), copyOf(target)).replace(/\.d\.ts$/, '.js')
    return path.startsWith('.') ? path : `./${path}`
  }

  /** The files that have those names. */
  function elsewhere(from, names) {
    const [, name, entry = ''] = /^@rtmpipe\/([^/]+)\/?(.*)$/.exec(from) ?? []
    if (name === undefined) return [[node, names]]
    const { exports } = JSON.parse(readFileSync(join(packages, name, 'package.json'), 'utf8'))
    const index = join(packages, name, exports[entry === '' ? '.' : `./${entry}`].types)
    const homes = new Map()
    for (const [, , , exported, file] of readFileSync(index, 'utf8').matchAll(named)) {
      for (const each of exported.split(',')) homes.set(bare(each), file)
    }
    return names
      .split(',')
      .map(each => {
        const home = homes.get(bare(each))
        if (home === undefined) throw new Error(`${from} exports no ${each}`)
        return home.startsWith('.') ? [[sibling(index, home), each]] : elsewhere(home, each)
      })
      .flat()
  }
}

/** `type Name as Other` is `Name`. */
function bare(name) {
  return name
    .trim()
    .replace(/^type /, '')
    .split(' ')[0]
}

function sibling(file, path) {
  return join(dirname(file), path.replace(/\.[jt]s$/, '.d.ts'))
}

/** What Node has everywhere has to be imported. */
function withGlobals(text, node) {
  const code = text.replaceAll(/^\s*(\/\/|\*|\/\*).*$/gm, '')
  const used = ofNode.filter(name => new RegExp(`\\b${name}\\b`).test(code))
  return used.length === 0 ? text : `import type { ${used.join(', ')} } from '${node}'\n${text}`
}
