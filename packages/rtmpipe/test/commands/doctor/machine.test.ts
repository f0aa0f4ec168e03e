import { mkdir, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { TemporaryFolder } from '../../../../../test/support/temporary-folder.ts'
import { type Clocks, ClockWatch } from '../../../src/commands/doctor/clock.ts'
import { fileLimitFindings } from '../../../src/commands/doctor/file-limit.ts'
import { settingFindings } from '../../../src/commands/doctor/settings.ts'
import { config } from './config.ts'

describe('the clock', () => {
  /** Nobody has to wait for the time to look for: it passes while the time server is asked for. */
  const findings = async ({
    now,
    isFollowed = true,
  }: {
    readonly now?: Clocks['now']
    readonly isFollowed?: boolean | undefined
  }) => {
    let elapsed = 0
    const isSynchronized = async () => {
      elapsed += 1_000
      return isFollowed
    }
    const clocks = { monotonic: () => elapsed, now: now ?? (() => Date.UTC(2030, 0) + elapsed), isSynchronized }
    return new ClockWatch(clocks).findings()
  }

  it('runs', async () => {
    expect(await findings({})).toMatchObject([{ check: 'clock', level: 'fine' }])
  })

  it('follows no time server', async () => {
    expect(await findings({ isFollowed: false })).toMatchObject([
      { level: 'warning', advice: expect.stringContaining('timedatectl') },
    ])
  })

  it('is set while we look', async () => {
    let calls = 0
    const now = () => Date.UTC(2030, 0) + (calls++ === 0 ? 0 : 60_000)
    expect(await findings({ now })).toMatchObject([
      { level: 'warning', text: expect.stringMatching(/^was set by \d+ ms/) },
    ])
  })

  it('is of another time', async () => {
    expect(await findings({ now: () => 0 })).toMatchObject([
      { level: 'problem', text: "says 1970-01-01T00:00:00.000Z, which can't be" },
    ])
  })
})

describe('the limit of files', () => {
  it.each([
    ['1048576', 20_000, 'fine', '1048576 files, as ulimit -Hn says'],
    ['unlimited', 20_000, 'fine', 'Infinity files'],
    ['4096', 20_000, 'warning', 'about 3896 connections, where sessionLimits.maxConnections lets in 20000'],
    ['4096', 1_000, 'fine', '4096 files'],
    ['256', 100, 'problem', '256 files'],
  ])('%s for %i connections', async (limit, connections, level, text) => {
    await using proc = await TemporaryFolder.create()
    await mkdir(proc.file('self'))
    await writeFile(
      proc.file('self/limits'),
      `Limit   Soft Limit  Hard Limit  Units\nMax open files            100        ${limit}     files\n`,
    )
    const [finding] = await fileLimitFindings(connections, proc.path)
    expect(finding).toMatchObject({ check: 'file limit', level, text: expect.stringContaining(text) })
    if (finding?.level !== 'fine') expect(finding?.advice).toContain('LimitNOFILE=')
  })

  it('is not known everywhere', async () => {
    await using proc = await TemporaryFolder.create()
    expect(await fileLimitFindings(1, proc.path)).toMatchObject([{ level: 'fine' }])
  })
})

describe('settings', () => {
  const warnings = (more: object) => settingFindings(config(more), 4).filter(({ level }) => level !== 'fine')

  it('are fine', () => {
    expect(settingFindings(config(), 4)).toMatchObject([
      { level: 'fine', text: 'host 127.0.0.1: only this machine can connect' },
    ])
    expect(warnings({ host: '0.0.0.0', auth: { publishKeys: { keys: ['k'] } } })).toEqual([])
    expect(warnings({ host: '0.0.0.0', plugins: [{ name: 'mine' }] })).toEqual([])
  })

  it.each([
    [{ host: '0.0.0.0' }, 'host 0.0.0.0: everybody who can connect may publish and play', '--publish-key'],
    [
      { host: '::', rtmpt: 8080, plugins: [{ name: 'mine' }] },
      'rtmpt 8080 on ::: whoever reads along learns the admin token',
      'rtmpts',
    ],
    [{ rtmfpKeylog: 'keys' }, 'rtmfpKeylog keys: whoever has this file can read', 'delete the file'],
    [{ tlsCompat: true }, 'tlsCompat offers TLS 1.0', 'old camera'],
    [
      { trustProxy: 1, host: '0.0.0.0', plugins: [{ name: 'mine' }] },
      'trustProxy 1 on 0.0.0.0: whoever reaches an HTTP port without the proxy can claim any address',
      'addresses of the proxies',
    ],
    [{ workers: 5 }, '5 workers share 4 processors', 'set workers to 4 or less'],
  ])('are seldom meant: %j', (more, text, advice) => {
    expect(warnings(more)).toMatchObject([
      { level: 'warning', text: expect.stringContaining(text), advice: expect.stringContaining(advice) },
    ])
  })
})
