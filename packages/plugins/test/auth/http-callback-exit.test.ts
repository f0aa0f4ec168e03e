import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { CallbackServer } from './support/callback-server.ts'

it('the connections that are kept to a web server keep no process', async () => {
  await using web = await CallbackServer.start()
  const script = `
    import { httpCallback } from '@rtmpipe/plugins/auth'
    import { TestServer } from '@rtmpipe/testing'
    const server = new TestServer({ plugins: [httpCallback({ url: '${web.url}' })] })
    await server.publish('live/name')
    await server[Symbol.asyncDispose]()
    // The end of an answer is told a moment before its connection is free.
    await new Promise(setImmediate)
    console.log(JSON.stringify(process.getActiveResourcesInfo()))
  `
  const args = ['--input-type=module', '--eval', script]
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: import.meta.dirname, timeout: 25_000 })
  const actions = web.bodies.map(body => (JSON.parse(body) as { action: string }).action)
  expect(actions).toEqual(['connect', 'publish', 'publishEnd', 'disconnect'])
  expect(JSON.parse(stdout)).not.toContain('TCPSocketWrap')
})
