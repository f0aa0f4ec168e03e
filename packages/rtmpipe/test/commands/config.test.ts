import { readFile, writeFile } from 'node:fs/promises'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { command } from '../../../../test/support/server-process.ts'
import { type Exit, run, RunningProgram } from '../../../../test/support/running-program.ts'
import { TemporaryFolder } from '../../../../test/support/temporary-folder.ts'
import { main } from '../../src/commands/main.ts'

interface Outcome {
  readonly code: unknown
  readonly stdout: readonly string[]
  readonly stderr: readonly string[]
}

/** Runs `rtmpipe …` in this process, with that environment. */
async function rtmpipe(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  const written = { stdout: '', stderr: '' }
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value)
  for (const stream of ['stdout', 'stderr'] as const)
    vi.spyOn(process[stream], 'write').mockImplementation(text => (written[stream] += String(text)) !== '')
  await main(args)
  const [code, lines] = [process.exitCode, (text: string) => text.split('\n').filter(line => line !== '')]
  process.exitCode = undefined
  vi.restoreAllMocks()
  return { code, stdout: lines(written.stdout), stderr: lines(written.stderr) }
}

/** Runs `rtmpipe …` in that folder. */
function rtmpipeIn(folder: TemporaryFolder, ...args: readonly string[]): Promise<Exit> {
  return run('/bin/sh', ['-c', 'cd "$0" && exec "$@"', folder.path, process.execPath, command, ...args])
}

afterEach(() => {
  vi.unstubAllEnvs()
})

describe('rtmpipe config', () => {
  it('prints what is in force, without secrets, and where it comes from', async () => {
    await using folder = await TemporaryFolder.create()
    const file = folder.file('c.ts')
    await writeFile(
      file,
      `export default {
  rtmp: 0,
  auth: {
    publishKeys: { keys: ['hush', { key: 'hush', streams: ['live/*'] }] },
    signedUrls: { keys: { may: 'hush' } },
    authmod: { users: { studio: 'hush' } },
    httpCallback: { url: 'http://user:hush@host/path?token=hush', secret: 'hush' },
    jwt: { key: { secret: 'hush' } },
  },
  relay: { push: { to: ['rtmp://a.example/app', 'rtmp://hush@a.example/app?hush'] } },
  plugins: [{ name: 'mine' }],
}`,
    )
    const { code, stdout } = await rtmpipe(['config', '--config', file], {
      RTMPIPE_RECORD_DIR: 'here',
      RTMPIPE_RTMPS: 'off',
    })
    expect(code).toBeUndefined()
    expect(stdout.join()).not.toContain('hush')
    expect(stdout.map(line => line.replace(/ {2,}/, ' < ').replace(folder.path, '.')).sort()).toEqual([
      'auth.authmod.users.studio: ****** < ./c.ts',
      'auth.httpCallback.secret: ****** < ./c.ts',
      'auth.httpCallback.url: "http://host/path?******" < ./c.ts',
      'auth.jwt.key.secret: ****** < ./c.ts',
      'auth.publishKeys.keys[0]: ****** < ./c.ts',
      'auth.publishKeys.keys[1].key: ****** < ./c.ts',
      'auth.publishKeys.keys[1].streams[0]: "live/*" < ./c.ts',
      'auth.signedUrls.keys.may: ****** < ./c.ts',
      'data: ".rtmpipe" < default',
      'host: "127.0.0.1" < default',
      'logLevel: "info" < default',
      'mergeWindow: 20 < default',
      'plugins[0]: mine < ./c.ts',
      'port: "off" < default',
      'publishWait: 30 < default',
      'record.dir: "here" < RTMPIPE_RECORD_DIR',
      'relay.push.to[0]: "rtmp://a.example/app" < ./c.ts',
      'relay.push.to[1]: "rtmp://a.example/app?******" < ./c.ts',
      'rtmfp: "off" < default',
      'rtmp: 0 < ./c.ts',
      'rtmps: "off" < RTMPIPE_RTMPS',
      'rtmpt: 8080 < default',
      'rtmpts: 8443 < default',
      'tlsCompat: false < default',
      'tlsMax: "1.3" < default',
      'web: false < default',
      'websocket: "on" < default',
      'workers: 1 < default',
    ])
  })

  it('checks, with exit code 0 or 2', async () => {
    await using folder = await TemporaryFolder.create()
    const file = folder.file('c.json')
    await writeFile(file, '{ "rtmp": 1 }')
    expect(await rtmpipe(['config', '--check', '--config', file])).toEqual({ code: undefined, stdout: [], stderr: [] })
    await writeFile(file, '{\n  "rtmp": -1,\n  "auth": { "ipFilter": { "deny": ["nobody"] } } }')
    expect(await rtmpipe(['config', '--check', '--config', file], { RTMPIPE_HOTS: '1' })).toEqual({
      code: 2,
      stdout: [],
      stderr: [
        'rtmpipe: RTMPIPE_HOTS: unknown variable, did you mean RTMPIPE_HOST?',
        `${file}:2:3: rtmp: expected a port from 0 to 65535, or off, got -1`,
      ],
    })
    vi.unstubAllEnvs()
    await writeFile(file, '{\n  "auth": { "ipFilter": { "deny": ["nobody"] } } }')
    expect((await rtmpipe(['config', '--check', '--config', file])).stderr).toEqual([
      `${file}:2:13: auth.ipFilter: "nobody" is neither an IP address nor a network like 10.0.0.0/8`,
    ])
  })

  it('prints variables, and the schema', async () => {
    const { stdout } = await rtmpipe(['config', '--env'])
    expect(stdout).toContainEqual(expect.stringMatching(/^RTMPIPE_RECORD_DIR {2,}folder for recordings$/))
    expect(stdout).toContainEqual(expect.stringMatching(/^RTMPIPE_AUTH_JWT_KEY_SECRET_FILE {2,}file to read it from$/))
    const schema = JSON.parse((await rtmpipe(['config', '--schema'])).stdout.join('\n')) as object
    expect(schema).toHaveProperty('properties.record.properties.format.enum', ['flv', 'mp4'])
  })
})

describe('rtmpipe init', () => {
  it.each([
    { args: [], file: 'rtmpipe.config.ts' },
    { args: ['--json'], file: 'rtmpipe.config.json' },
  ])('writes $file, which is right and found, and nothing a second time', async ({ args, file }) => {
    await using folder = await TemporaryFolder.create()
    const { stdout } = await rtmpipeIn(folder, 'init', ...args)
    expect(stdout).toEqual([`${file} written: remove the slashes in front of what you want, then start rtmpipe serve`])
    await rtmpipeIn(folder, 'config', '--check')
    const text = await readFile(folder.file(file), 'utf8')
    await writeFile(folder.file(file), text.replace(/^ {2}\/\/ ("?rtmp"?): .*$/m, '$1: 4711,'))
    expect((await rtmpipeIn(folder, 'config')).stdout).toContainEqual(
      expect.stringMatching(/^rtmp: 4711 +rtmpipe\.config/),
    )

    await using again = new RunningProgram({
      file: '/bin/sh',
      args: ['-c', 'cd "$0" && exec "$@"', folder.path, process.execPath, command, 'init'],
    })
    expect((await again.finish(2)).stderr).toEqual([`rtmpipe: ${file} is here already: nothing was written`])
    expect(await readFile(folder.file(file), 'utf8')).toContain('4711')
  })
})
