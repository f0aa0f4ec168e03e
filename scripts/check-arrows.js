// Reads the imports of all packages, types included, and fails on an arrow that runs up and on a new circle:
// `node scripts/check-arrows.js`. What may import what is docs/architecture.md's picture, as data.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Packages from the ground up, and which of those below each may import, or which entry point of one. */
const packages = {
  amf: [],
  net: [],
  'chunk-stream': ['net'],
  'transport-tcp': ['net'],
  'transport-tls': ['net'],
  'transport-http-tunnel': ['net'],
  // The HTTP server below it is the tunnel's.
  'transport-websocket': ['net', 'transport-http-tunnel'],
  'transport-one-port': ['net', 'transport-tcp', 'transport-tls', 'transport-http-tunnel', 'transport-websocket'],
  flv: ['amf'],
  'transport-rtmfp': ['net', 'amf', 'chunk-stream', 'flv'],
  // That entry point alone, which knows no socket.
  dump: ['net', 'amf', 'flv', 'chunk-stream', 'transport-rtmfp/wire'],
  session: ['net', 'amf', 'flv', 'chunk-stream'],
  testing: ['amf', 'chunk-stream', 'session'],
  plugins: ['amf', 'flv', 'session'],
  cluster: ['chunk-stream', 'session', 'testing'],
  'cluster-nats': ['chunk-stream', 'session', 'cluster'],
  // Its app imports types of what serves it; what serves it knows only where its files are. What pages import is a client.
  web: ['http', 'amf', 'flv', 'chunk-stream', 'session', 'transport-websocket'],
  http: [
    'net',
    'chunk-stream',
    'session',
    'plugins',
    'transport-http-tunnel',
    'transport-websocket',
    'transport-one-port',
    'web',
  ],
  'http-view': ['net', 'amf', 'flv', 'chunk-stream', 'session', 'plugins', 'transport-websocket', 'http'],
  rtmpipe: '*',
  'create-rtmpipe': [],
}

/**
 * Rooms of a package from the ground up, folders or files: each may import those before it. Files that are not named stand
 * above all: they are entry points.
 */
const rooms = {
  session: [
    'protocol',
    'contract',
    'peer',
    'hooks',
    'live/cache',
    'live/lag',
    'live',
    'shared-object',
    'client',
    'server/play',
    'server/shared-objects',
    'server/commands',
    'server',
  ],
  'cluster-nats': [
    'contract',
    'errors.ts',
    'wire',
    'memory',
    'directory',
    'origin',
    'edge',
    'exchange',
    'bus-fabric.ts',
    'nats',
  ],
  http: ['problem', 'access', 'report', 'mount.ts', 'files', 'house'],
  rtmpipe: [
    'config',
    'pace-stage.ts',
    'login.ts',
    'transports.ts',
    'client-transports.ts',
    'connect.ts',
    'server-plugins.ts',
    'create-server.ts',
    'sections',
    'serve',
    'commands',
  ],
}

/** Circles that are meant, of types only. */
const circles = [
  // A NetConnection has NetStreams, a NetStream has what it publishes or plays, and each knows its parent.
  ['net-connection', 'net-stream', 'publication', 'play/playback'].map(
    name => `packages/session/src/server/${name}.ts`,
  ),
  // An AmfValue may be one of these, and these have AmfValues in them.
  ['value', 'avm-plus', 'dictionary', 'ecma-array', 'externalizable-object', 'object-vector', 'typed-object'].map(
    name => `packages/amf/src/${name}.ts`,
  ),
]
/** What children know of their parents looks up. */
const [parents] = circles

const faults = []
const arrows = new Map()
for (const name of readdirSync(join(root, 'packages')).sort()) {
  const source = join(root, 'packages', name, 'src')
  if (!existsSync(source)) continue
  if (packages[name] === undefined)
    faults.push(`packages/${name} has no place in ${relative(root, fileURLToPath(import.meta.url))}`)
  for (const entry of readdirSync(source, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.tsx?$/.test(entry.name)) continue
    const file = relative(root, join(entry.parentPath, entry.name))
    arrows.set(file, check(name, file))
  }
}
for (const circle of circlesOf(arrows)) {
  if (circles.some(meant => circle.every(file => meant.includes(file)))) continue
  faults.push(`a circle of imports:\n    ${circle.sort().join('\n    ')}`)
}

for (const fault of faults) console.log(fault)
console.log(faults.length === 0 ? `${arrows.size} files, no arrow runs up` : `${faults.length} faults`)
process.exitCode = faults.length === 0 ? 0 : 1

/** Checks the imports of one file. @returns the files of ours that it imports */
function check(name, file) {
  const text = readFileSync(join(root, file), 'utf8').replaceAll(/^\s*(\/\/|\*|\/\*).*$/gm, '')
  const targets = []
  for (const [, specifier] of text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'([^']+)'/g)) {
    if (specifier.startsWith('.')) {
      const target = join(dirname(file), specifier)
      targets.push(target)
      checkRoom(name, file, target)
    } else if (specifier.startsWith('#')) targets.push(...importsOf(name, specifier))
    else checkPackage(name, file, specifier)
  }
  return targets
}

/** The files that the name means, under one condition or another. */
function importsOf(name, specifier) {
  const { imports = {} } = JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'))
  return Object.values(imports[specifier] ?? {}).map(target => join('packages', name, target))
}

function checkPackage(name, file, specifier) {
  const [, target] = /^@rtmpipe\/([^/]+)/.exec(specifier) ?? []
  if (target === undefined || target === name) return
  const allowed = packages[name]
  if (allowed !== '*' && !allowed?.includes(target) && !allowed?.includes(specifier.slice('@rtmpipe/'.length)))
    faults.push(`${file}: ${name} may not import ${target}`)
}

function checkRoom(name, file, target) {
  const [from, to] = [levelOf(name, file), levelOf(name, target)]
  if (to <= from || parents.includes(target)) return
  faults.push(`${file} imports ${target}, which stands above it`)
}

function levelOf(name, file) {
  const order = rooms[name]
  if (order === undefined) return 0
  const path = relative(join('packages', name, 'src'), file)
  // Of `live` and `live/cache` the longer one is meant.
  const room = order
    .filter(each => path === each || path.startsWith(`${each}/`))
    .sort((one, two) => two.length - one.length)[0]
  return room === undefined ? order.length : order.indexOf(room)
}

/** Tarjan's strongly connected components that have more than one file. */
function circlesOf(arrows) {
  const found = []
  const indexes = new Map()
  const lows = new Map()
  const stack = []
  const visit = file => {
    indexes.set(file, indexes.size)
    lows.set(file, indexes.get(file))
    stack.push(file)
    for (const target of arrows.get(file) ?? []) {
      if (!indexes.has(target)) visit(target)
      if (stack.includes(target)) lows.set(file, Math.min(lows.get(file), lows.get(target)))
    }
    if (lows.get(file) !== indexes.get(file)) return
    const component = stack.splice(stack.indexOf(file))
    if (component.length > 1) found.push(component)
  }
  for (const file of arrows.keys()) if (!indexes.has(file)) visit(file)
  return found
}
