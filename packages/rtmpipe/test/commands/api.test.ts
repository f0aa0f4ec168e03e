import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { writeFile } from 'node:fs/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { FakeHouse, tokens } from '../../../http/test/support/fake-house.ts'
import * as reports from '../../../http/test/support/fake-reports.ts'
import { run } from '../../../../test/support/running-program.ts'
import { command, ServerProcess } from '../../../../test/support/server-process.ts'
import { TemporaryFolder } from '../../../../test/support/temporary-folder.ts'
import { words } from '../../../../test/support/words.ts'
import { columnsOf } from '../../src/commands/columns.ts'
import { main } from '../../src/commands/main.ts'
import { failureHere, failureOf, freePort, rtmpipe } from '../support/command.ts'
import { onTerminal, readable, requireTerminal } from '../support/terminal.ts'

let house: FakeHouse
let url: string
let access: string[]
let folder: TemporaryFolder
beforeAll(async () => {
  folder = await TemporaryFolder.create()
})
afterAll(() => folder[Symbol.asyncDispose]())
beforeEach(async () => {
  house = await FakeHouse.open()
  url = await house.listen()
  access = words`--url ${url} --token ${tokens.operate}`
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await house[Symbol.asyncDispose]()
})

/** What `rtmpipe …` prints, which must end well. */
async function printed(...args: readonly string[]): Promise<string> {
  const written: string[] = []
  const spies = [process.stdout, process.stderr].map(stream =>
    vi.spyOn(stream, 'write').mockImplementation(text => written.push(String(text)) > 0),
  )
  try {
    await main(args)
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
  expect(process.exitCode, written.join('')).toBeUndefined()
  return written.join('')
}

describe('rtmpipe status', () => {
  it('prints a table', async () => {
    const now = Date.now()
    const ago = (seconds: number) => new Date(now - seconds * 1_000).toISOString()
    house.reports.all.server = { ...reports.server, since: ago(3 * 3_600), isDraining: true }
    const { since: _, ...unpublished } = reports.stream
    house.reports.all.streams = [
      { ...reports.stream, since: ago(3_723), bitRate: 2_512_000, viewers: 2 },
      { ...unpublished, id: 'live/other', isPublishing: false, codecs: [], viewers: 0 },
    ]
    house.reports.all.players = [
      reports.player,
      { ...reports.player, id: 'p2', lag: { bytes: 9, duration: 812.4 }, dropped: 30, isSlow: true },
    ]
    const [first, second, ...table] = (await printed('status', ...access)).split('\n')
    expect(first).toMatch(/^rtmpipe 0\.1\.0, up 3:00:0\d, 2 connections, 1 publisher, 1 viewer, draining$/)
    expect(second).toBe('in 4 B, out 5 B, cpu 13 %, memory 1 B, delay 0.5 ms, NATS 1 of 2')
    expect(table.map(line => line.replace(/1:02:0\d/, '1:02:03'))).toEqual([
      '',
      'STREAM           UP    BIT RATE  VIEWERS  SLOW     LAG  DROPS  MEDIA',
      'live/cam    1:02:03  2.5 Mbit/s        2     1  812 ms     33  720p30 H.264+AAC',
      'live/other              off air        0     0    0 ms      0',
      '',
    ])
  })

  it('keeps to 80 columns, and lets no name move the cursor', async () => {
    const name = `\u001b[2J${'long'.repeat(40)}`
    house.reports.all.streams = [{ ...reports.stream, id: `live/${name}`, name }]
    const text = await printed('status', ...access)
    expect(text).toContain('live/\\u001b[')
    expect(text).not.toContain('\u001b')
    expect(Math.max(...text.split('\n').map(({ length }) => length))).toBe(80)
  })

  it('aligns names in every writing', async () => {
    const names = ['live/cam', 'live/直播间', 'live/👩‍👩‍👧 ok', `live/${'观众'.repeat(40)}`]
    house.reports.all.streams = names.map(id => ({ ...reports.stream, id }))
    const rows = (await printed('status', ...access)).split('\n').slice(4, -1)
    // Where the numbers begin, as the terminal counts.
    expect(new Set(rows.map(row => columnsOf(row.slice(0, row.indexOf('Mbit/s')))))).toEqual(
      new Set([columnsOf(rows[0]?.slice(0, rows[0].indexOf('Mbit/s')) ?? '')]),
    )
    expect(columnsOf('直播间👩‍👩‍👧e\u0301')).toBe(9)
    expect(Math.max(...rows.map(columnsOf))).toBeLessThanOrEqual(80)
  })

  it('says that there are no streams', async () => {
    house.reports.all.streams = []
    expect(await printed('status', ...access)).toMatch(/\n\nno streams\n$/)
  })

  it('prints JSON', async () => {
    const all = { server: reports.server, streams: [reports.stream], players: [reports.player] }
    expect(JSON.parse(await printed('status', '--json', ...access))).toEqual(all)
  })

  it('--watch --json prints a line each time, through an outage of the server, until Ctrl+C', async () => {
    await using program = rtmpipe('status', '--watch', '--json', ...access)
    await program.waitForLine(/^\{"server":\{.*"players":\[/)
    house.reports.server = async () => {
      throw new Error('out')
    }
    await program.waitForLine(/^rtmpipe: this failed inside of the server: its log says how$/)
    house.reports.server = async () => ({ ...reports.server, version: '9.9.9' })
    await program.waitForLine(/^\{"server":\{"version":"9\.9\.9"/)
    program.kill('SIGINT')
    await program.finish(0)
  })

  it('--watch draws the table anew on a terminal, and leaves the cursor as it was', async context => {
    await requireTerminal(context)
    await using program = onTerminal('status', '--watch', ...access)
    const [, pid] = await program.waitForLine(/^pid (\d+)/)
    await program.waitForLine(/live\/cam /)
    house.reports.all.streams = [{ ...reports.stream, id: 'live/new' }]
    await program.waitForLine(/live\/new /)
    process.kill(Number(pid), 'SIGINT')
    const { stdout } = await program.finish(0)
    const all = stdout.join('\n')
    expect(all.indexOf('\u001b[?25l')).toBeGreaterThan(-1)
    expect(all.indexOf('\u001b[?25h')).toBeGreaterThan(all.lastIndexOf('live/new'))
    expect(readable(stdout)).toMatch(/^STREAM +UP/m)
  })
})

describe('rtmpipe kick', () => {
  it.each(['live/cam', 'live/room 1/cam'])('ends the stream %s', async id => {
    house.reports.all.streams = [{ ...reports.stream, id }]
    expect(await printed('kick', id, ...access)).toBe(`stream ${id} has been ended\n`)
    // Its publisher has a player as well.
    expect(house.reports.acts).toEqual([{ act: 'end stream', id }])
  })

  it.each(['goes too', 'has left by itself'])('whose publisher %s', async how => {
    const idle = { ...reports.connection, publishes: [], plays: [] }
    house.reports.all.connections = how === 'goes too' ? [idle] : []
    expect(await printed('kick', 'live/cam', ...access)).toBe('stream live/cam has been ended\n')
    const goes = how === 'goes too' ? [{ act: 'end connection', id: 'c1' }] : []
    expect(house.reports.acts).toEqual([{ act: 'end stream', id: 'live/cam' }, ...goes])
  })

  it('ends a connection', async () => {
    expect(await printed('kick', 'c1', ...access)).toBe('connection c1 has been ended\n')
    expect(house.reports.acts).toEqual([{ act: 'end connection', id: 'c1' }])
  })

  it('ends players, and tells them why', async () => {
    const end = house.reports.act.bind(house.reports)
    house.reports.act = async act => {
      const outcome = await end(act)
      return act.act === 'end player' ? outcome : { ok: false, why: 'not found', reason: 'no' }
    }
    const why = ['--code', 'App.Bye', '--description', 'good night']
    expect(await printed('kick', 'p1', ...why, ...access)).toBe('player p1 has been ended\n')
    const status = { code: 'App.Bye', description: 'good night' }
    expect(house.reports.acts).toEqual([
      { act: 'end connection', id: 'p1', status },
      { act: 'end player', id: 'p1', status },
    ])
  })

  it.each([
    ['p9', /^rtmpipe: there is no connection or player p9/],
    ['live/none', /^rtmpipe: there is no stream live\/none: rtmpipe status lists/],
  ])('says that there is no %s', async (target, line) => {
    house.reports.outcome = { ok: false, why: 'not found', reason: 'no' }
    expect(await failureHere(1, 'kick', target, ...access)).toMatch(line)
  })

  it('says what the server says of a code', async () => {
    const line = await failureHere(1, 'kick', 'p1', '--code', 'NetStream.Play.Stopp', ...access)
    expect(line).toMatch(/there is no status code NetStream\.Play\.Stopp, did you mean NetStream\.Play\.Stop/)
  })
})

describe('rtmpipe drain', () => {
  it('lets the server end when all have left', async () => {
    const line = 'the server ends when all have left: 2 connections now\n'
    expect(await printed('drain', ...access)).toBe(line)
    expect(house.reports.acts).toEqual([{ act: 'drain' }])
  })

  it('or after a while', async () => {
    expect(await printed('drain', '--timeout', '2m', ...access)).toMatch(/all have left, in 2m at the latest: 2/)
    expect(house.reports.acts).toEqual([{ act: 'drain', timeout: 120_000 }])
  })

  it.each(['soon', '0', '-1'])('refuses --timeout %s', async timeout => {
    expect(await failureHere(2, 'drain', `--timeout=${timeout}`, ...access)).toMatch(/expected a time like 90s, 15m/)
    expect(house.reports.acts).toEqual([])
  })

  it('says what the server can not do', async () => {
    house.reports.outcome = { ok: false, why: 'not possible', reason: 'this server does not drain' }
    expect(await failureHere(1, 'drain', ...access)).toBe('rtmpipe: this server does not drain')
  })
})

describe('the way to the server', () => {
  it('is found in the environment, and by the file in the data folder', async () => {
    await writeFile(folder.file('admin-token'), `${tokens.view}\n`)
    await writeFile(folder.file('other'), tokens.view)
    vi.stubEnv('RTMPIPE_URL', `${url}/`)
    vi.stubEnv('RTMPIPE_DATA', folder.path)
    expect(await printed('status')).toMatch(/live\/cam/)
    vi.stubEnv('RTMPIPE_DATA', '/nowhere')
    expect(await printed('status', '--data', folder.path)).toMatch(/live\/cam/)
    vi.stubEnv('RTMPIPE_ADMIN_TOKEN_FILE', folder.file('other'))
    expect(await printed('status')).toMatch(/live\/cam/)
    vi.stubEnv('RTMPIPE_ADMIN_TOKEN', tokens.operate)
    vi.stubEnv('RTMPIPE_ADMIN_TOKEN_FILE', '')
    expect(await printed('status')).toMatch(/live\/cam/)
  })

  it('without a token says where it has been looked for', async () => {
    const line = await failureHere(2, 'status', '--url', url, '--data', '/nowhere')
    expect(line).toBe(
      `rtmpipe: ${url} wants its admin token, and there is none in /nowhere/admin-token: give it with --token, RTMPIPE_ADMIN_TOKEN or RTMPIPE_ADMIN_TOKEN_FILE`,
    )
  })

  it('with a wrong token says whose it is, and not what it is', async () => {
    const line = await failureHere(2, 'status', '--url', url, '--token', 'hunter2')
    expect(line).toMatch(/^rtmpipe: http:\/\/127\.0\.0\.1:\d+ does not take the token of --token: give it with/)
    vi.stubEnv('RTMPIPE_ADMIN_TOKEN', 'hunter2')
    expect(await failureHere(2, 'status', '--url', url)).toMatch(/does not take the token of RTMPIPE_ADMIN_TOKEN:/)
  })

  it('with a token that may look only', async () => {
    const line = await failureHere(1, 'kick', 'c1', '--url', url, '--token', tokens.view)
    expect(line).toBe('rtmpipe: this token is for looking only')
  })

  it.each([
    [words`--url rtmp://127.0.0.1/live`, /--url rtmp:\/\/127\.0\.0\.1\/live: expected a URL like http:/],
    [words`--url nonsense`, /--url nonsense: expected a URL like http:/],
    [['--token', ''], /--token: this is no token/],
    [['--token', 'hunter2\nX: y'], /^rtmpipe: --token: this is no token: expected letters, digits and signs/],
  ])('refuses %j', async (args, line) => {
    const failure = await failureHere(2, 'status', ...args)
    expect(failure).toMatch(line)
    expect(failure).not.toContain('hunter2')
  })

  it('to nobody says so, exit code 1', async () => {
    const url = `http://127.0.0.1:${await freePort()}`
    const line = await failureHere(1, 'status', '--url', url, '--token', 't')
    expect(line).toBe(`rtmpipe: nobody answers at ${url}: is the server running? --url tells where it is`)
  })

  it('over TLS wants a certificate that is known', async () => {
    await using server = await ServerProcess.start()
    const url = server.urls.rtmpts.replace('rtmpts', 'https')
    const where = words`--url ${url} --data ${server.data.path}`
    const line = await failureOf(2, 'status', ...where)
    expect(line).toMatch(/^rtmpipe: https:\S+ can not be trusted \(.*\): name its certificate.* NODE_EXTRA_CA_CERTS$/)
    const env = { NODE_EXTRA_CA_CERTS: server.data.file('tls/self-signed-certificate.pem') }
    const { stdout } = await run(process.execPath, [command, 'status', ...where], { env })
    expect(stdout[0]).toMatch(/^rtmpipe \d/)
  })

  it('that can not be read as a token says so', async () => {
    vi.stubEnv('RTMPIPE_ADMIN_TOKEN_FILE', folder.file('missing'))
    expect(await failureHere(2, 'status', '--url', url)).toMatch(/can't read the token: ENOENT.*missing/)
  })

  describe('that leads to something else', () => {
    let server: Server
    afterEach(() => server.closeAllConnections() ?? server.close())

    it('says that there is no API', async () => {
      server = createServer((_request, response) => response.writeHead(404).end('not found\n'))
      await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      const line = `rtmpipe: ${url} has no API of rtmpipe (status 404): --url tells where it is`
      for (const name of ['status', 'drain'])
        expect(await failureHere(2, name, '--url', url, '--token', 't')).toBe(line)
      expect(await failureHere(2, 'kick', 'c1', '--url', url, '--token', 't')).toBe(line)
    })
  })

  it('that others can read is warned of', async () => {
    const written: string[] = []
    const spy = vi.spyOn(process.stderr, 'write').mockImplementation(text => written.push(String(text)) > 0)
    await main(words`status --url http://rtmpipe.invalid --token t`)
    spy.mockRestore()
    expect(process.exitCode).toBe(1)
    process.exitCode = undefined
    expect(written[0]).toMatch(/^rtmpipe: http:\/\/rtmpipe\.invalid is not encrypted: others may read the token/)
    expect(written[1]).toMatch(/^rtmpipe: can't reach http:\/\/rtmpipe\.invalid \(.*\): is the server running\?/)
  })
})
