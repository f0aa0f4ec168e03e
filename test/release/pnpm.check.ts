import { writeFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { run } from '../support/running-program.ts'
import { tarball, UserProject } from './user-project.ts'

it("a plugin can be imported where pnpm installed rtmpipe only: 'rtmpipe/plugins/record'", async () => {
  await using project = await UserProject.create({ rtmpipe: tarball('rtmpipe') })
  await project.pnpmInstall()
  const file = project.file('index.js')
  await writeFile(file, "import { record } from 'rtmpipe/plugins/record'\nconsole.log(typeof record)\n")
  const { stdout } = await run(process.execPath, [file])
  expect(stdout).toEqual(['function'])
})
