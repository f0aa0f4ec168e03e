import { mkdir, readdir, readFile, symlink } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { sampleStream, take } from '@rtmpipe/testing'
import { connect } from 'rtmpipe'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run, RunningProgram } from '../../../test/support/running-program.ts'
import { TemporaryFolder } from '../../../test/support/temporary-folder.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** What npm would publish, run as npm would run it, and its project with this workspace's packages: no registry. */
describe('npm create rtmpipe', () => {
  let folder: TemporaryFolder
  let project: string
  const npm = (...args: string[]) => run('npm', ['--prefix', project, ...args], { limit: 120_000 })

  beforeAll(async () => {
    folder = await TemporaryFolder.create()
    project = folder.file('my-server')
    const pack = ['pack', '--ignore-scripts', '--pack-destination', folder.path]
    await run('npm', [...pack, `${root}/packages/create-rtmpipe`], { limit: 60_000 })
    const tarball = (await readdir(folder.path)).find(name => name.endsWith('.tgz'))
    await run('tar', ['-xzf', folder.file(`${tarball}`), '-C', folder.path])
    await symlink(`${root}/node_modules`, folder.file('package/node_modules'))
    const { bin } = JSON.parse(await readFile(folder.file('package/package.json'), 'utf8'))
    await run(process.execPath, [folder.file(`package/${bin['create-rtmpipe']}`), project])
    await symlink(`${root}/node_modules`, `${project}/node_modules`)
  }, 150_000)

  afterAll(() => folder[Symbol.asyncDispose]())

  it('makes a project whose types are right', async () => {
    await npm('run', 'check')
    expect(await readdir(project)).not.toContain('dist')
  }, 120_000)

  it('makes a project whose test passes', async () => {
    const { stdout } = await npm('test')
    expect(stdout.join('\n')).toMatch(/3 passed/)
  }, 120_000)

  it('makes a server that lets in who knows its key, and whom it plays to', async () => {
    const { scripts } = JSON.parse(await readFile(`${project}/package.json`, 'utf8'))
    await npm('run', 'prestart')
    const [, key] = /^STREAM_KEYS=(\w+)$/m.exec(await readFile(`${project}/.env`, 'utf8')) ?? []
    await using program = new RunningProgram({
      name: scripts.start,
      file: 'sh',
      // Not by npm, which leaves its child behind when it is killed.
      args: ['-c', `cd "$1" && exec ${scripts.start}`, 'sh', project],
      env: { PORT: '0' },
      limit: 60_000,
    })
    {
      const [url = ''] = await program.waitForLine(/^rtmp:.*$/)
      await using player = await connect(url)
      await using stranger = await connect(url)
      await using publisher = await connect(url)
      const messages = await player.play('show')
      await expect(stranger.publish('show?key=guess')).rejects.toThrow('wrong key')
      const stream = await publisher.publish(`show?key=${key}`)
      for (const message of sampleStream(20)) stream.write(message)
      expect(await take(messages, 20)).toHaveLength(20)
      await program.waitForLine(/^live\/show is on air$/)
    }
    program.kill()
    await program.finish(0)
  }, 90_000)

  it('makes it in a folder that git has been to', async () => {
    await mkdir(folder.file('repository/.git'), { recursive: true })
    await run(process.execPath, [folder.file('package/bin/create-rtmpipe.js'), folder.file('repository')])
    expect(await readdir(folder.file('repository'))).toContain('package.json')
  })
})
