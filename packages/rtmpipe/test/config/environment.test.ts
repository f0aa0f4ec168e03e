import { writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { TemporaryFolder } from '../../../../test/support/temporary-folder.ts'
import { environmentText } from '../../src/config/environment-text.ts'
import { EnvironmentLayer } from '../../src/config/environment-layer.ts'
import { form } from '../../src/sections/form.ts'
import { settingOf, variablesOf } from '../../src/config/variables.ts'

const { schema } = form

describe('environment variables', () => {
  it.each<[Record<string, string>, object]>([
    [{ RTMPIPE_RECORD_DIR: 'here', HOME: '/root' }, { record: { dir: 'here' } }],
    [
      { RTMPIPE_RTMP: '1936', RTMPIPE_RTMPS: 'off', RTMPIPE_WORKERS: 'x' },
      { rtmp: 1936, rtmps: 'off', workers: 'x' },
    ],
    [{ RTMPIPE_HOST: '1' }, { host: '1' }],
    [{ RTMPIPE_RECORD_SEGMENT_AT_KEYFRAME: 'true' }, { record: { segment: { atKeyframe: true } } }],
    [
      { RTMPIPE_AUTH_PUBLISH_KEYS_KEYS_1: 'b', RTMPIPE_AUTH_PUBLISH_KEYS_KEYS_0: '1' },
      { auth: { publishKeys: { keys: ['1', 'b'] } } },
    ],
    [
      { RTMPIPE_AUTH_PUBLISH_KEYS_KEYS_0_KEY: 'a', RTMPIPE_AUTH_PUBLISH_KEYS_KEYS_0_STREAMS_0: 'live/*' },
      { auth: { publishKeys: { keys: [{ key: 'a', streams: ['live/*'] }] } } },
    ],
    [{ RTMPIPE_AUTH_SIGNED_URLS_KEYS: 'a' }, { auth: { signedUrls: { keys: 'a' } } }],
    [{ RTMPIPE_AUTH_SIGNED_URLS_KEYS_may_2026: 'a' }, { auth: { signedUrls: { keys: { may_2026: 'a' } } } }],
    [{ RTMPIPE_AUTH_AUTHMOD_USERS_7: 'a' }, { auth: { authmod: { users: { 7: 'a' } } } }],
    [{ RTMPIPE_QUOTAS_BITRATE: '5000000' }, { quotas: { bitrate: 5_000_000 } }],
    [{ RTMPIPE_QUOTAS_BITRATE_BITS_PER_SECOND: '5' }, { quotas: { bitrate: { bitsPerSecond: 5 } } }],
    [
      { RTMPIPE_AUTH_HTTP_CALLBACK_URL_PUBLISH_END_0: 'http://a/b' },
      { auth: { httpCallback: { url: { publishEnd: ['http://a/b'] } } } },
    ],
    [
      {
        RTMPIPE_SERVICE_HOST: '10.0.0.1',
        RTMPIPE_SERVICE_PORT: '1935',
        RTMPIPE_SERVICE_PORT_RTMP: '1935',
        RTMPIPE_PORT: 'tcp://10.0.0.1:1935',
        RTMPIPE_PORT_1935_TCP: 'tcp://10.0.0.1:1935',
        RTMPIPE_PORT_1935_TCP_PROTO: 'tcp',
        RTMPIPE_PORT_1935_TCP_PORT: '1935',
        RTMPIPE_PORT_1935_TCP_ADDR: '10.0.0.1',
        RTMPIPE_RTMP_SERVICE_HOST: '10.0.0.2',
        RTMPIPE_RTMP_PORT: 'tcp://10.0.0.2:80',
        RTMPIPE_RTMP: '1935',
      },
      { rtmp: 1935 },
    ],
    [
      { RTMPIPE_PORT: '443', RTMPIPE_PROTOCOLS_0: 'rtmps' },
      { port: 443, protocols: ['rtmps'] },
    ],
    [{ RTMPIPE_WORKER_SLOT: '0', RTMPIPE_WORKER_SOCKET: '/x', RTMPIPE_CONFIG: 'x.json' }, {}],
  ])('%j', (environment, settings) => {
    const layer = new EnvironmentLayer(form, environment)
    expect(layer.problems).toEqual([])
    expect(layer.settings).toEqual(settings)
  })

  it.each<[Record<string, string>, string]>([
    [{ RTMPIPE_RECORD_DRI: 'x' }, 'RTMPIPE_RECORD_DRI: unknown variable, did you mean RTMPIPE_RECORD_DIR?'],
    [
      { RTMPIPE_NONSENSE_ALL_OVER: 'x' },
      'RTMPIPE_NONSENSE_ALL_OVER: unknown variable (rtmpipe config --env lists those there are)',
    ],
    [{ RTMPIPE_RECORD: 'x' }, 'RTMPIPE_RECORD: unknown variable, did you mean RTMPIPE_RECORD_DIR?'],
    [
      { RTMPIPE_AUTH_PUBLISH_KEYS_KEYS_1: 'hush' },
      'RTMPIPE_AUTH_PUBLISH_KEYS_KEYS_0 is missing: lists are counted from 0, without gaps',
    ],
    [
      { RTMPIPE_AUTH_SIGNED_URLS_KEYS: 'hush', RTMPIPE_AUTH_SIGNED_URLS_KEYS_FILE: 'no/such/file' },
      'RTMPIPE_AUTH_SIGNED_URLS_KEYS_FILE: RTMPIPE_AUTH_SIGNED_URLS_KEYS is there as well; one of them will do',
    ],
    [
      { RTMPIPE_AUTH_JWT_KEY_SECRET_FILE: 'hush' },
      "RTMPIPE_AUTH_JWT_KEY_SECRET_FILE: can't read the file that it names: ENOENT",
    ],
    [{ RTMPIPE_RECORD_DIR_FILE: 'x' }, 'RTMPIPE_RECORD_DIR_FILE: unknown variable, did you mean RTMPIPE_RECORD_DIR?'],
  ])('%j is a mistake', (environment, problem) => {
    expect(new EnvironmentLayer(form, environment).problems).toEqual([problem])
  })

  it.each([
    [' ä b \n', 'utf8'],
    ['\uFEFF ä b \r\n', 'utf8'],
    ['\uFEFF ä b ', 'utf8'],
    ['\uFEFF ä b \r\n', 'utf16le'],
  ] as const)('read secrets from a file that holds %j in %s', async (text, encoding) => {
    await using folder = await TemporaryFolder.create()
    await writeFile(folder.file('key'), text, encoding)
    const { settings } = new EnvironmentLayer(form, { RTMPIPE_AUTH_PUBLISH_KEYS_KEYS_0_FILE: folder.file('key') })
    expect(settings).toEqual({ auth: { publishKeys: { keys: [' ä b '] } } })
  })

  it('read secrets from files as clients send them, in whatever encoding', async () => {
    await using folder = await TemporaryFolder.create()
    await writeFile(folder.file('key'), Buffer.from('eaebfef7', 'hex'))
    const { settings } = new EnvironmentLayer(form, { RTMPIPE_AUTH_PUBLISH_KEYS_KEYS_0_FILE: folder.file('key') })
    expect(settings).toEqual({ auth: { publishKeys: { keys: ['êëþ÷'] } } })
  })

  it('are all listed, each once, and each sets what it says', () => {
    const variables = variablesOf(schema)
    const names = variables.map(({ name }) => name)
    expect(names.length).toBeGreaterThan(70)
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
    for (const { name, path, meaning } of variables) {
      expect(settingOf(schema, name.slice('RTMPIPE_'.length))?.path).toEqual(path)
      expect(meaning).not.toBe('')
      expect(environmentText(schema)).toMatch(new RegExp(`^${name} {2,}\\S`, 'm'))
    }
  })
})
