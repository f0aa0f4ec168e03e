import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { connect } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { run } from '../support/running-program.ts'
import { ServerProcess } from '../support/server-process.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The newest version of TLS that a server speaks. */
async function newestTls(url: string): Promise<string | null> {
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port), rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  const version = socket.getProtocol()
  socket.destroy()
  return version
}

describe('what README.md says is good to know', () => {
  it('the server speaks TLS 1.3, and 1.2 at most with --tls-max 1.2', async () => {
    await using server = await ServerProcess.start()
    expect(await newestTls(server.urls.rtmps)).toBe('TLSv1.3')
    await using limited = await ServerProcess.start({ args: ['--tls-max', '1.2'] })
    expect(await newestTls(limited.urls.rtmps)).toBe('TLSv1.2')
    expect(await newestTls(limited.urls.rtmpts)).toBe('TLSv1.2')
  })

  it('CommonJS can require rtmpipe', async () => {
    const code = `console.log(typeof require('rtmpipe').createServer)`
    const program = `process.chdir(${JSON.stringify(root)}); ${code}`
    const { stdout } = await run(process.execPath, ['--input-type=commonjs', '-e', program])
    expect(stdout).toEqual(['function'])
  })
})
