import { readdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { connect, httpTunnel } from 'rtmpipe'
import { samples, send, take } from '@rtmpipe/testing'
import { freePort } from '../support/free-port.ts'
import { requireClient } from '../support/programs.ts'
import { run, RunningProgram } from '../support/running-program.ts'
import { command, ServerProcess } from '../support/server-process.ts'
import { TemporaryFolder } from '../support/temporary-folder.ts'

const receiver = fileURLToPath(new URL('../support/notify-socket.py', import.meta.url))

/** What systemd would be told. */
async function notifySocket(path: string): Promise<RunningProgram> {
  const program = new RunningProgram({ name: 'notify socket', file: 'python3', args: [receiver, path], limit: 60_000 })
  await program.waitForLine(/^bound/)
  return program
}

describe.concurrent('rtmpipe systemd', () => {
  it.for([[], ['--sockets']])('prints units that systemd has nothing against: %j', async (options, context) => {
    await requireClient(context, 'systemd')
    await using folder = await TemporaryFolder.create()
    await run(process.execPath, [command, 'systemd', ...options, '--output', folder.path, '--', '--workers', '2'])
    const files = (await readdir(folder.path)).map(name => folder.file(name))
    expect(files).toHaveLength(options.length === 0 ? 1 : 3)
    const { stdout, stderr } = await run('systemd-analyze', ['verify', '--man=no', ...files])
    // Other units of the machine are its own affair.
    expect([...stdout, ...stderr].filter(line => line.includes('rtmpipe'))).toEqual([])
    const security = await run('systemd-analyze', [
      'security',
      '--offline=true',
      '--no-pager',
      folder.file('rtmpipe.service'),
    ])
    const [, exposure] = security.stdout.join('\n').match(/Overall exposure level for rtmpipe.service: ([\d.]+)/) ?? []
    expect(Number(exposure)).toBeLessThanOrEqual(2.5)
  })
})

// Many processes start at the same time.
describe.concurrent('a server that systemd started', { timeout: 60_000 }, () => {
  it.for(['file', 'abstract'])('says how it is: %s socket', async (kind, context) => {
    await requireClient(context, 'systemd', 'python3')
    await using folder = await TemporaryFolder.create()
    const socket = kind === 'file' ? folder.file('notify') : `@${folder.path}`
    await using told = await notifySocket(socket)
    await using server = await ServerProcess.start({ env: { NOTIFY_SOCKET: socket, WATCHDOG_USEC: '400000' } })
    await told.waitForLine(/ READY=1$/)
    await told.waitForLine(/ WATCHDOG=1$/)
    server.program.kill('SIGHUP')
    const [, reloading] = await told.waitForLine(/^(\d+) RELOADING=1 MONOTONIC_USEC=\d+$/)
    await told.waitForLine(/^(\d+) READY=1$/, ([, at]) => Number(at) > Number(reloading))
    server.program.kill('SIGTERM')
    await told.waitForLine(/ STOPPING=1$/)
    await server.program.finish(0)
    told.kill()
    const { stdout } = await told.exited
    const words = stdout.flatMap(line => / (READY|RELOADING|STOPPING)=1/.exec(line)?.[1] ?? [])
    expect(words).toEqual(['READY', 'RELOADING', 'READY', 'STOPPING'])
  })

  it('does the same with several workers', async context => {
    await requireClient(context, 'systemd', 'python3')
    await using folder = await TemporaryFolder.create()
    await using told = await notifySocket(folder.file('notify'))
    const env = { NOTIFY_SOCKET: folder.file('notify'), WATCHDOG_USEC: '400000' }
    await using server = await ServerProcess.start({ args: ['--workers', '2'], env })
    await told.waitForLine(/ WATCHDOG=1$/)
    await server.stop()
    told.kill()
    const { stdout } = await told.exited
    const words = stdout.flatMap(line => / (READY|STOPPING)=1/.exec(line)?.[1] ?? [])
    expect(words).toEqual(['READY', 'STOPPING'])
  })

  it('gives no sign of life while its event loop hangs', async context => {
    await requireClient(context, 'systemd', 'python3')
    await using folder = await TemporaryFolder.create()
    await using told = await notifySocket(folder.file('notify'))
    const config = folder.file('rtmpipe.config.mjs')
    const hang = `process.once('SIGUSR1', () => { Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2_000); console.log('awake') })`
    await writeFile(config, `${hang}\nexport default {}`)
    const env = { NOTIFY_SOCKET: folder.file('notify'), WATCHDOG_USEC: '400000' }
    await using server = await ServerProcess.start({ args: ['--config', config], env })
    const [, before = ''] = await told.waitForLine(/^(\d+) WATCHDOG=1$/)
    server.program.kill('SIGUSR1')
    await server.program.waitForLine(/^awake/)
    await told.waitForLine(/^(\d+) WATCHDOG=1$/, ([, at]) => Number(at) > Number(before) + 1_900)
    told.kill()
    const { stdout } = await told.exited
    const signs = stdout.flatMap(line => /^(\d+) WATCHDOG=1$/.exec(line)?.[1] ?? []).map(Number)
    const pauses = signs.slice(1).map((at, index) => at - (signs[index] ?? 0))
    // Longer than systemd would wait.
    expect(Math.max(...pauses)).toBeGreaterThan(1_500)
  })

  it('ends a worker that hangs, and starts another', async () => {
    await using folder = await TemporaryFolder.create()
    const config = folder.file('rtmpipe.config.mjs')
    const hang = `process.once('SIGUSR1', () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0))`
    await writeFile(config, `${hang}\nexport default { plugins: [{ name: 'hanging' }] }`)
    await using server = await ServerProcess.start({
      args: ['--config', config, '--workers', '2'],
      env: { WATCHDOG_USEC: '4000000' },
    })
    const children = await readFile(`/proc/${server.pid}/task/${server.pid}/children`, 'utf8')
    const [worker = 0] = children.trim().split(' ').map(Number)
    process.kill(worker, 'SIGUSR1')
    await server.program.waitForLine(new RegExp(`"pid":${worker},"msg":"a worker hangs, and is ended"`))
    await server.program.waitForLine(/"signal":"SIGKILL".*"msg":"a worker died/)
    const client = await connect(`${server.urls.rtmp}/live`)
    await client.close()
    await server.stop()
  })

  it.for([
    { names: 'http:https', workers: '1' },
    { names: 'http:https', workers: '2' },
    { names: undefined, workers: '1' },
  ])('takes the sockets that it inherits: $names, workers $workers', async ({ names, workers }, context) => {
    await requireClient(context, 'systemd')
    await using folder = await TemporaryFolder.create()
    const { http, https } = await ports()
    const name = names === undefined ? [] : [`--fdname=${names}`]
    const listen = [`--listen=127.0.0.1:${http}`, `--listen=127.0.0.1:${https}`]
    const serve = ['serve', '--rtmp', '0', '--rtmps', 'off', '--data', folder.path, '--workers', workers]
    const args = [...listen, ...name, process.execPath, command, ...serve]
    await using program = new RunningProgram({ file: 'systemd-socket-activate', args, limit: 60_000 })
    await program.waitForLine(/Listening on .*:/)
    // The first connection starts the server, and is served by it.
    const timeout = 50_000
    const transports = [httpTunnel({ insecure: true, connectTimeout: timeout })]
    const encoder = await connect(`rtmpt://127.0.0.1:${http}/live`, { transports, timeout })
    const viewer = await connect(`rtmpts://127.0.0.1:${https}/live`, { transports, timeout })
    const player = await viewer.play('name')
    await send(await encoder.publish('name'), [samples.keyframe(0)])
    expect(await take(player, 1)).toHaveLength(1)
    await program.waitForLine(new RegExp(`^rtmpipe listening on rtmpt://127.0.0.1:${http}`))
    await encoder.close()
    await viewer.close()
    program.kill('SIGTERM')
    await program.finish(0)
  })

  it('refuses a socket that it has no port for', async context => {
    await requireClient(context, 'systemd')
    const { http } = await ports()
    const serve = [
      process.execPath,
      command,
      'serve',
      '--rtmp',
      '0',
      '--rtmps',
      'off',
      '--rtmpts',
      'off',
      '--rtmpt',
      'off',
    ]
    const args = [`--listen=127.0.0.1:${http}`, '--fdname=http', ...serve]
    await using program = new RunningProgram({ file: 'systemd-socket-activate', args })
    await program.waitForLine(/Listening on .*:/)
    await expect(connect(`rtmpt://127.0.0.1:${http}/live`)).rejects.toThrow()
    await program.waitForLine(/a socket for http is inherited, and rtmpt is off/)
  })
})

async function ports(): Promise<{ http: number; https: number }> {
  return { http: await freePort(), https: await freePort() }
}
