import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { run } from '../../../../test/support/running-program.ts'
import { TemporaryFolder } from '../../../../test/support/temporary-folder.ts'

const web = fileURLToPath(new URL('../..', import.meta.url))
const tsc = fileURLToPath(new URL('bin/tsc', import.meta.resolve('typescript/package.json')))

const compilerOptions = {
  target: 'es2022',
  module: 'esnext',
  moduleResolution: 'bundler',
  lib: ['es2022', 'dom', 'dom.iterable'],
  types: [],
  strict: true,
  noEmit: true,
  skipLibCheck: false,
}

const program = `
import { connect, MessageType, StatusError, type ClientSharedObject } from '@rtmpipe/web'

const client = await connect('wss://example.com/live', { onCall: (method, args) => method.length + args.length })
const sum: unknown = await client.call('add', 1, { a: [1, 2] })
const chat: ClientSharedObject = await client.sharedObject('chat')
chat.on('message', (handler, args) => console.log(handler.toUpperCase(), args[0]))
client.on('reconnect', tcUrl => console.log(tcUrl.length))
const play = await client.play('show')
play.on('close', () => {})
for await (const { payload, timestamp } of play) console.log(payload.subarray(1).length, timestamp.toFixed())
const publish = await client.publish('show')
publish.write({ messageTypeId: MessageType.Video, messageStreamId: 0, timestamp: 0, payload: new Uint8Array(3) })
try {
  await client.play('secret')
} catch (error) {
  if (error instanceof StatusError) console.log(error.statusCode.length, sum)
}
// @ts-expect-error the handler's name is a string
chat.on('message', (handler: number) => handler)
// @ts-expect-error there is no such option
await connect('wss://example.com/live', { nonsense: 1 })
// @ts-expect-error a page is in no need of it
await connect('wss://example.com/live', { fallback: true })
`

it('a page in TypeScript needs none of the types of Node', async () => {
  const folder = await TemporaryFolder.create()
  onTestFinished(() => folder[Symbol.asyncDispose]())
  await mkdir(folder.file('node_modules/@rtmpipe'), { recursive: true })
  await symlink(web, folder.file('node_modules/@rtmpipe/web'))
  await writeFile(folder.file('page.ts'), program)
  await writeFile(folder.file('tsconfig.json'), JSON.stringify({ compilerOptions, files: ['page.ts'] }))
  // Fails with what the compiler says.
  const { stdout } = await run(process.execPath, [tsc, '-p', folder.path], { name: 'tsc' })
  expect(stdout).toEqual([])
})
