// Checks with publint that every package can be published as it is: `node scripts/check-packages.js`. Wants built packages.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'

const packages = fileURLToPath(new URL('../packages', import.meta.url))
let errors = 0
for (const name of readdirSync(packages).sort()) {
  const folder = join(packages, name)
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const { messages } = await publint({ pkgDir: folder, level: 'warning', pack: 'npm' })
  for (const message of messages) console.log(`${manifest.name}: ${message.type}: ${formatMessage(message, manifest)}`)
  errors += messages.filter(({ type }) => type === 'error').length
}
console.log(errors === 0 ? 'every package can be published' : `${errors} errors`)
process.exitCode = errors === 0 ? 0 : 1
