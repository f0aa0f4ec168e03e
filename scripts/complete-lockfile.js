// Adds to package-lock.json what `npm install` leaves out when the registry at hand lacks packages for other platforms:
// `npm ci` refuses a lockfile without them, here and everywhere else. Run it after `npm install` changed the lockfile:
//   node scripts/complete-lockfile.js
import { readFileSync, writeFileSync } from 'node:fs'

const systems = 'aix|android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|win32'
const processors = 'arm64|arm|ia32|loong64|mips64el|ppc64|riscv64|s390x|x64'
const platform = new RegExp(`(${systems})-(${processors})(?:-(\\w+))?$`)

const lockfile = JSON.parse(readFileSync('package-lock.json', 'utf8'))
const { packages } = lockfile
let added = 0
for (const [path, { optionalDependencies = {}, dev }] of Object.entries(packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    if (packages[`${path}/node_modules/${name}`] ?? packages[`node_modules/${name}`]) continue
    const match = platform.exec(name)
    // What depends on no platform was left out for a reason of its own.
    if (match === null || !/^\d+\.\d+\.\d+$/.test(version)) continue
    const [, os, cpu, abi = ''] = match
    packages[`node_modules/${name}`] = {
      version,
      cpu: [cpu],
      ...(dev ? { dev } : {}),
      ...(abi.startsWith('musl') ? { libc: ['musl'] } : abi.startsWith('gnu') ? { libc: ['glibc'] } : {}),
      optional: true,
      os: [os],
    }
    added += 1
  }
}
const sorted = Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, 'en'))
writeFileSync(
  'package-lock.json',
  `${JSON.stringify({ ...lockfile, packages: Object.fromEntries(sorted) }, null, 2)}\n`,
)
console.log(`${added} packages added`)
