import { signedUrls, signUrl } from '@rtmpipe/plugins/auth'
import { TestServer } from '@rtmpipe/testing'
import { describe, expect, it, vi } from 'vitest'
import { words } from '../../../../test/support/words.ts'
import { main } from '../../src/commands/main.ts'
import { failureHere } from '../support/command.ts'

/** What `rtmpipe sign …` prints. */
async function signed(...args: readonly string[]): Promise<string> {
  const written: string[] = []
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation(text => written.push(String(text)) > 0)
  try {
    await main(['sign', ...args])
  } finally {
    spy.mockRestore()
  }
  expect(written).toHaveLength(1)
  return (written[0] ?? '').replace(/\n$/, '')
}

describe('rtmpipe sign', () => {
  it('prints a URL to play for an hour', async () => {
    await using server = new TestServer({ plugins: [signedUrls({ keys: 'k' })] })
    const from = Math.floor(Date.now() / 1000) + 3_600
    const url = await signed(...words`rtmp://host/live/name?a=b --key k`)
    const [, expires = ''] = /^rtmp:\/\/host\/live\/name\?a=b&exp=(\d+)&sig=[\w-]{43}$/.exec(url) ?? []
    expect(Number(expires) - from).toBeGreaterThanOrEqual(0)
    expect(Number(expires) - from).toBeLessThan(60)
    await server.play(url.slice('rtmp://host/'.length))
  })

  it('signs what it is told', async () => {
    const url = await signed(...words`rtmps://host/live/name --key k --key-id a --expires 7d --action publish --ip ::1`)
    const expires = new Date(Number(new URL(url).searchParams.get('exp')) * 1_000)
    expect(Math.abs(expires.getTime() - Date.now() - 7 * 86_400_000)).toBeLessThan(60_000)
    const options = { key: 'k', keyId: 'a', action: 'publish', expires, ip: '::1' } as const
    expect(url).toBe(signUrl('rtmps://host/live/name', options))
  })

  it.each([
    ['90', 90],
    ['90s', 90],
    ['15m', 900],
    ['2h', 7_200],
  ])('--expires %s', async (time, seconds) => {
    const from = Math.floor(Date.now() / 1000)
    const url = new URL(await signed(...words`rtmp://host/live/name --key k --expires ${time}`))
    const given = Number(url.searchParams.get('exp')) - from
    expect(given).toBeGreaterThanOrEqual(seconds)
    expect(given).toBeLessThan(seconds + 60)
  })

  it.each<[string[], RegExp]>([
    [words`sign rtmp://host/live/name`, /required option '--key <key>' not specified/],
    [words`sign --key k`, /missing required argument 'url'/],
    [words`sign rtmp://host/live --key k`, /expected the URL of a stream like rtmp:\/\/host\/app\/name$/],
    [['sign', 'rtmp://host/live/name', '--key', ''], /a URL is signed with a key that is not empty$/],
    [
      words`sign rtmp://host/live/name --key k --expires soon`,
      /--expires soon: expected a time like 90s, 15m, 1h or 7d$/,
    ],
    [words`sign rtmp://host/live/name --key k --expires 0h`, /--expires 0h: expected a time/],
    [words`sign rtmp://host/live/name --key k --action watch`, /--action watch: expected publish or play$/],
    [words`sign rtmp://host/live/name --key k --ip host`, /"host" is not an IP address$/],
    [words`sign rtmp://host/live/name --key k --key-id a&b`, /a key id is made of/],
    [['serve', '--publish-key', ''], /--publish-key: expected a key that is not empty$/],
    [words`serve --publish-key`, /option '--publish-key <key>' argument missing/],
  ])('%j is refused in one line, exit code 2', async (args, hint) => {
    expect(await failureHere(2, ...args)).toMatch(hint)
  })
})
