import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { build as esbuild } from 'esbuild'
import { createServer, type Listener, webSocket } from 'rtmpipe'
import { expect, onTestFinished, test, type TestContext } from 'vitest'
import { build as vite } from 'vite'
import { TemporaryFolder } from '../support/temporary-folder.ts'
import { openWebPage, servePage } from './browser/web-page.ts'

const web = fileURLToPath(new URL('../../packages/web', import.meta.url))

/** What somebody else's program does with the package. */
const program = `
  import { connect, StatusError } from '@rtmpipe/web'
  globalThis.run = async url => {
    const client = await connect(url)
    const answer = await client.call('add', 1, 2)
    const refusal = await client.call('nothing').catch(error => error instanceof StatusError && error.name)
    await client.close()
    return [answer, refusal]
  }`

/** A project that has the built package, and nothing of the workspace beside it. */
async function project(): Promise<TemporaryFolder> {
  const folder = await TemporaryFolder.create()
  onTestFinished(() => folder[Symbol.asyncDispose]())
  await mkdir(folder.file('node_modules/@rtmpipe'), { recursive: true })
  await symlink(web, folder.file('node_modules/@rtmpipe/web'))
  await writeFile(folder.file('main.js'), program)
  await writeFile(folder.file('index.html'), '<!doctype html><script type="module" src="/main.js"></script>')
  return folder
}

async function runs(context: TestContext, html: string, scripts: Readonly<Record<string, string>>): Promise<void> {
  const server = createServer({
    transports: [webSocket({ port: 0, origins: '*' })],
    plugins: [
      { name: 'add', onCall: ({ method, args }) => (method === 'add' ? Number(args[0]) + Number(args[1]) : undefined) },
    ],
  })
  onTestFinished(() => server.close())
  const [{ address }] = (await server.listen()) as readonly [Listener]
  const { page, complaints } = await openWebPage(context, await servePage(html, scripts))
  await page.waitForFunction('globalThis.run')
  expect(await page.evaluate(`run('ws://127.0.0.1:${address.port}/live')`)).toEqual([3, 'StatusError'])
  expect(complaints).toEqual([])
}

test('a page that vite makes runs', async context => {
  const folder = await project()
  await vite({
    root: folder.path,
    configFile: false,
    logLevel: 'error',
    build: { outDir: folder.file('out'), target: 'es2022' },
  })
  const names = await readdir(folder.file('out/assets'))
  const scripts = await Promise.all(
    names.map(async name => [`/assets/${name}`, await readFile(folder.file(`out/assets/${name}`), 'utf8')] as const),
  )
  await runs(context, await readFile(folder.file('out/index.html'), 'utf8'), Object.fromEntries(scripts))
})

test('a page that esbuild makes runs', async context => {
  const folder = await project()
  const { outputFiles } = await esbuild({
    entryPoints: [folder.file('main.js')],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    outdir: folder.file('out'),
    logLevel: 'error',
    write: false,
  })
  const scripts = Object.fromEntries(outputFiles.map(({ path, text }) => [path.slice(folder.file('out').length), text]))
  await runs(context, '<!doctype html><script type="module" src="/main.js"></script>', scripts)
})
