import { existsSync } from 'node:fs'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { dirname } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { RunningProgram } from '../support/running-program.ts'
import { command } from '../support/server-process.ts'
import { TemporaryFolder } from '../support/temporary-folder.ts'
import { environmentOf, isAlive } from './support/linux-process.ts'
import { WorkerServer } from './support/worker-server.ts'

describe('workers', () => {
  test('end with their primary within five seconds, clients, a hanging worker and their files included', async () => {
    await using server = await WorkerServer.start(3)
    await server.playOn(0, 'name')
    const workers = [...server.workers.values()]
    const folder = dirname(environmentOf(workers[0] ?? 0).get('RTMPIPE_WORKER_SOCKET') ?? '')
    expect(existsSync(folder)).toBe(true)
    server.kill(1, 'SIGSTOP')
    const started = performance.now()
    await server.process.stop()
    expect(performance.now() - started).toBeLessThan(7_000)
    expect(workers.filter(isAlive)).toEqual([])
    expect(existsSync(folder)).toBe(false)
  })

  test('do not outlive a primary that is killed', async () => {
    await using server = await WorkerServer.start(2)
    const workers = [...server.workers.values()]
    expect(workers.filter(isAlive)).toHaveLength(2)
    server.process.program.kill('SIGKILL')
    await server.process.program.exited
    while (workers.some(isAlive)) await new Promise(resolve => setTimeout(resolve, 10))
  })
})

describe('rtmpipe serve --workers', () => {
  let data: TemporaryFolder
  let taken: Server
  beforeEach(async () => {
    data = await TemporaryFolder.create()
    taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
  })
  afterEach(async () => {
    taken.close()
    await data[Symbol.asyncDispose]()
  })

  /** What the command says when it ends with exit code 2. */
  async function refusal(...args: readonly string[]): Promise<readonly string[]> {
    const file = process.execPath
    await using program = new RunningProgram({ file, args: [command, 'serve', '--data', data.path, ...args] })
    const { stdout, stderr } = await program.finish(2)
    return [...stdout, ...stderr]
  }

  test.each(['rtmp', 'rtmpt'])('says in one line that the %s port is in use', async scheme => {
    const { port } = taken.address() as AddressInfo
    const ports = ['--rtmp', '0', '--rtmps', 'off', '--rtmpt', '0', '--rtmpts', 'off', `--${scheme}`, String(port)]
    const hint = `choose another with --${scheme} PORT (0 takes a free one), or --${scheme} off`
    const line = `rtmpipe: port ${port} on 127.0.0.1 is in use: ${hint}`
    expect(await refusal('--workers', '3', ...ports)).toEqual([line])
  })

  test.each(['0', 'abc'])('refuses %s', async count => {
    expect(await refusal(`--workers=${count}`)).toEqual([`rtmpipe: --workers ${count}: expected a number from 1 to 64`])
  })

  test('refuses to spread tunnels only', async () => {
    const [line, ...rest] = await refusal('--workers', '2', '--rtmp', 'off', '--rtmps', 'off')
    expect(line).toMatch(/^rtmpipe: --workers 2: tunnels are served by one process/)
    expect(rest).toEqual([])
  })
})
