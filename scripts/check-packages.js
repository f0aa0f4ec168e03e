// Packs every package that is published, and checks the tarballs: what publint finds, and what we ask for beyond.
//   node scripts/check-packages.js [FOLDER]
// Leaves the tarballs in FOLDER, if there is one. Wants built packages.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'

const root = fileURLToPath(new URL('..', import.meta.url))
const repository = 'https://github.com/rtmpipe/rtmpipe'
const license = readFileSync(join(root, 'LICENSE'), 'utf8')

const temporary = mkdtempSync(join(tmpdir(), 'rtmpipe-packages-'))
try {
  const folder = process.argv[2] ?? join(temporary, 'tarballs')
  mkdirSync(folder, { recursive: true })
  let faults = 0
  for (const tarball of packAll(folder)) {
    const unpacked = join(temporary, 'unpacked', tarball)
    mkdirSync(unpacked, { recursive: true })
    execFileSync('tar', ['-xzf', join(folder, tarball), '-C', unpacked, '--strip-components=1'])
    const manifest = JSON.parse(readFileSync(join(unpacked, 'package.json'), 'utf8'))
    const found = [...(await publintFaults(join(folder, tarball), manifest)), ...ourFaults(unpacked, manifest)]
    for (const fault of found) console.log(`${manifest.name}: ${fault}`)
    faults += found.length
  }
  console.log(faults === 0 ? 'every package can be published' : `${faults} faults`)
  process.exitCode = faults === 0 ? 0 : 1
} finally {
  rmSync(temporary, { recursive: true })
}

/** Names of the tarballs. */
function packAll(folder) {
  const names = readdirSync(join(root, 'packages')).sort()
  const words = names.flatMap(name => ['--workspace', `packages/${name}`])
  const options = ['--json', '--silent', '--pack-destination', folder]
  const packed = JSON.parse(execFileSync('npm', ['pack', ...options, ...words], { cwd: root, encoding: 'utf8' }))
  return Object.values(packed).map(({ filename }) => filename)
}

async function publintFaults(tarball, manifest) {
  const bytes = readFileSync(tarball)
  const { messages } = await publint({ level: 'warning', pack: { tarball: new Uint8Array(bytes).buffer } })
  return messages.map(message => `${message.type}: ${formatMessage(message, manifest, { color: false })}`)
}

function* ourFaults(folder, manifest) {
  const { keywords = [], repository: place, homepage, bugs } = manifest
  if (keywords.length === 0) yield 'no keywords'
  if (place?.url !== `git+${repository}.git`) yield `repository is not ${repository}`
  if (!existsSync(join(root, place?.directory ?? 'none', 'package.json'))) yield 'repository has no right directory'
  if (homepage === undefined || bugs === undefined) yield 'no homepage or bugs'

  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())
  const paths = files.map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
  if (!paths.includes('LICENSE')) yield 'no LICENSE'
  else if (readFileSync(join(folder, 'LICENSE'), 'utf8') !== license) yield 'LICENSE is not that of the repository'
  if (!paths.includes('README.md')) yield 'no README.md'
  else yield* deadLinks(readFileSync(join(folder, 'README.md'), 'utf8'))
  for (const path of paths) {
    if (/^(src|test)\/|\.map$|\.tsbuildinfo$/.test(path)) yield `${path} is of no use to users`
    if (!/\.(js|ts)$/.test(path)) continue
    const [map] = /^\/\/# sourceMappingURL=.*/m.exec(readFileSync(join(folder, path), 'utf8')) ?? []
    if (map !== undefined) yield `${path} points to a source map: ${map}`
  }
}

/** Only pages of the repository can be looked at; those are all that break by what is done here. */
function* deadLinks(markdown) {
  for (const [, target] of markdown.matchAll(/\]\(([^)\s]+)\)/g)) {
    const [page, anchor] = target.split('#')
    if (!target.startsWith('https://') && page !== '')
      yield `README.md: ${target} leads nowhere outside of the repository`
    if (!page.startsWith(`${repository}/`)) continue
    const path = join(root, page.slice(repository.length).replace(/^\/(blob|tree)\/main\//, ''))
    if (!existsSync(path)) yield `README.md: ${target} is not there`
    else if (anchor !== undefined && !anchorsOf(readFileSync(path, 'utf8')).includes(anchor)) {
      yield `README.md: ${target} has no such heading`
    }
  }
}

function anchorsOf(markdown) {
  const headings = [...markdown.replace(/^```[^]*?^```$/gm, '').matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading)
  return headings.map(heading =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
  )
}
