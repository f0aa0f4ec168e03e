import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ServerProcess } from '../../../../test/support/server-process.ts'
import { TemporaryFolder } from '../../../../test/support/temporary-folder.ts'
import { words } from '../../../../test/support/words.ts'
import { createSelfSignedCertificate } from '../../src/index.ts'
import { failureHere, failureOf } from '../support/command.ts'

const allOff = words`--rtmp off --rtmps off --rtmpt off --rtmpts off`
const onlyTcp = words`--rtmp 0 --rtmps off --rtmpt off --rtmpts off`
const onlyTls = words`--rtmp off --rtmps 0 --rtmpt off --rtmpts off`

describe('what the user can mend is one line that says what to do, and exit code 2', () => {
  it.concurrent.each<[string[], RegExp]>([
    [words`serve --nonsense`, /unknown option '--nonsense'.*rtmpipe --help/],
    [words`nonsense`, /unknown command 'nonsense'.*rtmpipe --help/],
    [words`serve extra`, /too many arguments for 'serve'/],
    [words`serve --rtmp 65536`, /--rtmp 65536: expected a port from 0 to 65535, or off$/],
    [words`publish nowhere.flv rtmp://127.0.0.1/live/name`, /can't read nowhere.flv: ENOENT/],
    [
      words`play http://127.0.0.1/live/name`,
      /http:\/\/ is not known here: expected one of rtmp, rtmpe, rtmps, rtmpt, rtmpte, rtmpts, ws, wss, rtmp\+ws, rtmp\+wss, rtmfp$/,
    ],
  ])('%j', async (args, hint) => {
    const line = await failureOf(2, ...args)
    expect(line).toMatch(/^rtmpipe: /)
    expect(line).toMatch(hint)
  })

  it.each<[string[], RegExp]>([
    [words`serve --rtmp`, /option '--rtmp <port\|off>' argument missing/],
    [words`serve --rtmpt -1`, /--rtmpt -1: expected a port from 0 to 65535, or off$/],
    [words`serve --rtmpts 80x`, /--rtmpts 80x: expected a port from 0 to 65535, or off$/],
    [words`serve --log-level loud`, /--log-level loud: expected one of debug, info, warn, error, silent$/],
    [words`serve ${allOff}`, /every transport is off: leave at least one on$/],
    [words`serve --merge-window soon --rtmp 0 --rtmps off --rtmpt off --rtmpts off`, /--merge-window soon: expected/],
    [words`serve --publish-wait never`, /--publish-wait never: expected seconds from 0 to 86400, or off$/],
    [words`serve --publish-wait -1`, /--publish-wait -1: expected seconds from 0 to 86400, or off$/],
    [
      words`serve --push rtmp://127.0.0.1/{app}`,
      /--push: expected a URL like rtmp:\/\/host\/app, without a stream's name$/,
    ],
    [words`serve --push rtmp://127.0.0.1`, /--push: expected a URL like rtmp:\/\/host\/app, without a stream's name$/],
    [words`serve --push http://127.0.0.1/live`, /--push: expected a URL like rtmp:\/\/host\/app/],
    [words`serve --push rtmp://127.0.0.1:99999/live`, /--push: expected a URL like rtmp:\/\/host\/app/],
    [
      words`serve --record ${fileURLToPath(import.meta.url)}`,
      /--record .*: no recordings can be written .*\(ENOTDIR\): choose/,
    ],
    [
      words`serve --record ${fileURLToPath(import.meta.url)}/a/b`,
      /--record .*: no recordings can be written .*\(ENOTDIR\): choose/,
    ],
    [words`serve --vod ${fileURLToPath(import.meta.url)}`, /--vod .*: there is no such folder$/],
    [words`serve --cert cert.pem`, /--cert needs --key/],
    [words`serve --key key.pem`, /--key needs --cert/],
    [words`publish`, /missing required argument 'file.flv'/],
    [words`play --fallback`, /missing required argument 'url'/],
    [words`play rtmp://127.0.0.1/live/name --fallback=443`, /fallback "443": expected a scheme, with a port/],
    [words`publish a.flv rtmp://127.0.0.1/live/name extra`, /too many arguments for 'publish'/],
    [words`publish . rtmp://127.0.0.1/live/name`, /can't read \.: it is not a file$/],
    [words`publish nowhere.flv rtmp://127.0.0.1/live`, /rtmp:\/\/127.0.0.1\/live names no stream/],
    [words`play`, /missing required argument 'url'/],
    [words`play nonsense`, /"nonsense" is not a URL like/],
    [
      words`play rtmfp://127.0.0.1/live/name --proxy socks5h://127.0.0.1`,
      /rtmfp:\/\/ goes by UDP, which proxies do not take/,
    ],
    [words`play --duration ever rtmp://127.0.0.1/live/name`, /--duration ever: expected seconds/],
  ])('%j', async (args, hint) => {
    const line = await failureHere(2, ...args)
    expect(line).toMatch(/^rtmpipe: /)
    expect(line).toMatch(hint)
  })

  describe('certificates', () => {
    let folder: TemporaryFolder
    beforeAll(async () => {
      folder = await TemporaryFolder.create()
      const [one, other] = await Promise.all([createSelfSignedCertificate(), createSelfSignedCertificate()])
      await writeFile(folder.file('cert.pem'), one.cert)
      await writeFile(folder.file('key.pem'), one.key)
      await writeFile(folder.file('other-key.pem'), other.key)
      await writeFile(folder.file('text.pem'), 'not PEM')
    })
    afterAll(() => folder[Symbol.asyncDispose]())

    it.each([
      ['nowhere.pem', 'key.pem', /ENOENT: no such file or directory.*nowhere\.pem/],
      ['cert.pem', 'nowhere.pem', /ENOENT: no such file or directory.*nowhere\.pem/],
      ['text.pem', 'key.pem', /expected a certificate in PEM format/],
      ['cert.pem', 'text.pem', /expected a private key in PEM format/],
      ['cert.pem', 'other-key.pem', /private key does not belong to the certificate/],
    ])('--cert %s --key %s', async (cert, key, reason) => {
      const files = words`--cert ${folder.file(cert)} --key ${folder.file(key)}`
      const line = await failureHere(2, ...words`serve ${onlyTls} ${files}`)
      expect(line).toMatch(reason)
      expect(line.startsWith(`rtmpipe: can't use ${files.join(' ')}: `)).toBe(true)
    })

    it('cannot be kept in a data folder that is a file', async () => {
      const line = await failureHere(2, ...words`serve ${onlyTls} --data ${folder.file('text.pem')}`)
      expect(line).toMatch(/^rtmpipe: can't keep a certificate in .*text\.pem \(choose another folder with --data\): /)
    })
  })

  // In /proc the system's own answer to a new folder is that the one above is missing.
  it.runIf(process.platform === 'linux')('a folder that can not be made is told at the start', async () => {
    const line = await failureHere(2, ...words`serve ${onlyTcp} --record /proc/rtmpipe/a`)
    expect(line).toMatch(
      /--record \/proc\/rtmpipe\/a: no recordings can be written to that folder \(ENOENT\): choose another/,
    )
    const data = await failureHere(2, ...words`serve ${onlyTls} --data /proc/rtmpipe`)
    expect(data).toMatch(/^rtmpipe: can't keep a certificate in \/proc\/rtmpipe \(choose another folder .*ENOENT/)
  })

  it('a plugin that can not be set up is named', async () => {
    await using folder = await TemporaryFolder.create()
    const plugin = "{ name: 'users', setup() { throw new Error('the database is down') } }"
    await writeFile(folder.file('rtmpipe.config.mjs'), `export default { plugins: [${plugin}] }`)
    const line = await failureOf(2, ...words`serve ${onlyTcp} --config ${folder.file('rtmpipe.config.mjs')}`)
    expect(line).toBe('rtmpipe: plugin users, setup: the database is down')
  })

  it('a port in use is named with the option to change it', async () => {
    await using server = await ServerProcess.start()
    await Promise.all(
      (['rtmp', 'rtmpts'] as const).map(async scheme => {
        const { port } = new URL(server.urls[scheme])
        const others = allOff.join(' ').replace(`--${scheme} off`, `--${scheme} ${port}`)
        const line = await failureOf(2, 'serve', ...others.split(' '), '--data', server.data.path)
        expect(line).toBe(
          `rtmpipe: port ${port} on 127.0.0.1 is in use: choose another with --${scheme} PORT (0 takes a free one), or --${scheme} off`,
        )
      }),
    )
  })
})
