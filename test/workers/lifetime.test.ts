import { existsSync, readdirSync } from 'node:fs'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sampleStream, take } from '@rtmpipe/testing'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { RunningProgram } from '../support/running-program.ts'
import { command } from '../support/server-process.ts'
import { TemporaryFolder } from '../support/temporary-folder.ts'
import { environmentOf, isAlive } from './support/linux-process.ts'
import { WorkerServer } from './support/worker-server.ts'

/** Each starts several processes, which may have to wait for the processor. Milliseconds. */
const timeout = 120_000

describe('workers', { timeout }, () => {
  test('end with their primary within five seconds, clients, a hanging worker and their files included', async () => {
    await using server = await WorkerServer.start(3)
    await server.playOn(0, 'name')
    const workers = [...server.workers.values()]
    const folder = dirname(environmentOf(workers[0] ?? 0).get('RTMPIPE_WORKER_SOCKET') ?? '')
    expect([folder, `${folder}-http`].filter(existsSync)).toHaveLength(2)
    server.kill(1, 'SIGSTOP')
    const started = performance.now()
    await server.process.stop()
    expect(performance.now() - started).toBeLessThan(9_000)
    expect(workers.filter(isAlive)).toEqual([])
    expect([folder, `${folder}-http`].filter(existsSync)).toEqual([])
  })

  test.concurrent.each(['SIGTERM', 'SIGINT'] as const)(
    'end in peace when their whole group gets a %s',
    async signal => {
      await using folder = await TemporaryFolder.create()
      await using server = await WorkerServer.start(2, { args: ['--record', folder.path] })
      const publisher = await server.publishOn(1, 'name')
      for (const message of sampleStream(20)) publisher.write(message)
      await vi.waitFor(() => expect(readdirSync(`${folder.path}/live`)).toHaveLength(1), 30_000)
      for (const pid of [server.process.pid, ...server.workers.values()]) process.kill(pid, signal)
      await server.process.program.finish()
      expect(readdirSync(`${folder.path}/live`)).toEqual([expect.stringMatching(/\.flv$/)])
    },
  )

  test.concurrent('do not outlive a primary that is killed, nor does its folder', async () => {
    await using server = await WorkerServer.start(2)
    const workers = [...server.workers.values()]
    expect(workers.filter(isAlive)).toHaveLength(2)
    const folder = dirname(environmentOf(workers[0] ?? 0).get('RTMPIPE_WORKER_SOCKET') ?? '')
    expect(readdirSync(folder)).toHaveLength(2)
    server.process.program.kill('SIGKILL')
    await server.process.program.exited
    while (workers.some(isAlive)) await new Promise(resolve => setTimeout(resolve, 10))
    expect([folder, `${folder}-http`].filter(existsSync)).toEqual([])
  })

  test.concurrent('are started again, even if that fails at first', async () => {
    const preload = fileURLToPath(new URL('./support/fail-next-fork.cjs', import.meta.url))
    await using server = await WorkerServer.start(2, { env: { NODE_OPTIONS: `--require ${preload}` } })
    server.kill(1)
    await server.process.program.waitForLine(/"worker":1.*a worker could not be started again/)
    await vi.waitFor(() => expect(server.workers.has(1)).toBe(true), 30_000)
    await server.publishOn(1, 'name')
    await server.process.stop()
  })

  test.concurrent('that end again and again are waited for longer each time, and the others go on', async () => {
    const preload = fileURLToPath(new URL('./support/fail-after-start.cjs', import.meta.url))
    await using server = await WorkerServer.start(2, { env: { NODE_OPTIONS: `--require ${preload}` } })
    const player = await server.playOn(0, 'name')
    server.kill(1)
    const died = async (pause: number, how: string) => {
      const line = `"worker":1,${how},"pause":${pause}.*a worker died; .* takes its place`
      await server.process.program.waitForLine(new RegExp(`${line}${pause === 0 ? '' : ` in ${pause / 1_000} s`}"`))
    }
    await died(0, '"code":null,"signal":"SIGKILL"')
    for (const pause of [1_000, 2_000, 4_000]) await died(pause, '"code":7,"signal":null')
    const publisher = await server.publishOn(0, 'name')
    for (const message of sampleStream(20)) publisher.write(message)
    expect(await take(player, 20)).toHaveLength(20)
    await server.process.stop()
  })
})

describe('rtmpipe serve --workers', { timeout }, () => {
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

  test.each([
    ['PUBLISHER_RETURN_POLICY', 'resume', 'resume works in one process only: set workers to 1, or policy to refuse'],
    ['QUOTAS_STREAMS_PER_KEY', '1', 'counts in one process only: set workers to 1, or leave it out'],
  ])('refuses %s, which would not hold', async (setting, value, reason) => {
    const name = `RTMPIPE_${setting}`
    vi.stubEnv(name, value)
    try {
      const [line, ...rest] = await refusal('--workers', '2')
      expect(line).toContain(reason)
      expect(line).toContain(name)
      expect(rest).toEqual([])
    } finally {
      vi.unstubAllEnvs()
    }
  })
})
