import { mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import { connect } from 'node:tls'
import { expect, it, onTestFinished, vi } from 'vitest'
import { type CertificatePair, certificateFiles, inspectCertificate } from '../src/index.ts'
import { EchoServer, closed, echoes, kept } from './bench.ts'
import { expiredPair, otherPair, pair } from './pairs.ts'

const fingerprint = (cert: string): string => inspectCertificate(cert).fingerprint256

/** What the server shows to a new client. */
async function shown(server: EchoServer): Promise<string> {
  const client = kept(connect({ port: server.port, host: '127.0.0.1', rejectUnauthorized: false }))
  await once(client, 'secureConnect')
  const { fingerprint256 } = client.getPeerCertificate()
  await closed(client.end())
  return fingerprint256
}

/** A folder with a pair in it, gone after the test. */
async function folder(content: CertificatePair) {
  const dir = await mkdtemp(join(tmpdir(), 'rtmpipe-tls-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  const paths = { cert: join(dir, 'cert.pem'), key: join(dir, 'key.pem') }
  const write = async (next: Partial<CertificatePair>): Promise<void> => {
    for (const part of ['cert', 'key'] as const) {
      const text = next[part]
      if (text === undefined) continue
      await writeFile(`${paths[part]}.new`, text)
      await rename(`${paths[part]}.new`, paths[part])
    }
  }
  await write(content)
  return { dir, paths, write }
}

it('shows a reloaded certificate to new connections while old ones live', async () => {
  let next = pair
  const certificate = vi.fn(async () => next)
  const server = await EchoServer.start({ certificate })
  const old = await server.greet()
  expect(await shown(server)).toBe(fingerprint(pair.cert))
  next = otherPair
  expect(await shown(server)).toBe(fingerprint(pair.cert))
  await server.transport.reload()
  expect(await shown(server)).toBe(fingerprint(otherPair.cert))
  await echoes(old)
  const second = await server.transport.listen(() => {})
  await second.close()
  expect(certificate).toHaveBeenCalledTimes(2)
})

it('reads files that begin with a byte order mark', async () => {
  const { paths } = await folder({ cert: `\uFEFF${pair.cert}`, key: `\uFEFF${pair.key}` })
  const server = await EchoServer.start({ certificate: certificateFiles(paths) })
  expect(await shown(server)).toBe(fingerprint(pair.cert))
})

const unusable: [what: string, code: string, next: CertificatePair][] = [
  ['damaged', 'RTMP_ERR_CERTIFICATE_PEM', { cert: 'nonsense', key: pair.key }],
  ['mismatched', 'RTMP_ERR_CERTIFICATE_KEY_MISMATCH', { cert: otherPair.cert, key: pair.key }],
]

it.each(unusable)('keeps the old certificate when the reloaded one is %s', async (_what, code, broken) => {
  let next = pair
  const server = await EchoServer.start({ certificate: () => next })
  next = broken
  await expect(server.transport.reload()).rejects.toMatchObject({ code })
  expect(await shown(server)).toBe(fingerprint(pair.cert))
  await expect(EchoServer.start({ certificate: broken })).rejects.toMatchObject({ code })
})

it('keeps the old certificate when loading fails', async () => {
  const certificate = vi.fn(() => pair)
  const server = await EchoServer.start({ certificate })
  certificate.mockImplementationOnce(() => {
    throw new Error('vault is sealed')
  })
  await expect(server.transport.reload()).rejects.toThrow('vault is sealed')
  expect(await shown(server)).toBe(fingerprint(pair.cert))
})

it('serves with an expired certificate and says so', async () => {
  const server = await EchoServer.start({ certificate: expiredPair })
  expect(server.failures).toMatchObject([{ error: { code: 'RTMP_ERR_CERTIFICATE_EXPIRED' }, remote: undefined }])
  expect(await shown(server)).toBe(fingerprint(expiredPair.cert))
  expect(server.failures).toHaveLength(1)
})

it('warns the process when nobody wants to be told', async () => {
  const emitWarning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  onTestFinished(() => emitWarning.mockRestore())
  await EchoServer.start({ certificate: expiredPair, onError: undefined })
  expect(emitWarning).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ code: 'RTMP_ERR_CERTIFICATE_EXPIRED' }))
})

it('follows certificate files that are replaced one after the other', async () => {
  const { paths, write } = await folder(pair)
  const server = await EchoServer.start({ certificate: certificateFiles(paths) })
  const old = await server.greet()
  await write({ cert: otherPair.cert })
  expect(await shown(server)).toBe(fingerprint(pair.cert))
  expect(await shown(server)).toBe(fingerprint(pair.cert))
  expect(server.failures).toMatchObject([{ error: { code: 'RTMP_ERR_CERTIFICATE_KEY_MISMATCH' }, remote: undefined }])
  await write({ key: otherPair.key })
  expect(await shown(server)).toBe(fingerprint(otherPair.cert))
  expect(server.failures).toHaveLength(1)
  await echoes(old)
})

it('goes on with the old pair while a certificate file is missing', async () => {
  const { paths, write } = await folder(pair)
  const server = await EchoServer.start({ certificate: certificateFiles(paths) })
  await rm(paths.cert)
  expect(await shown(server)).toBe(fingerprint(pair.cert))
  expect(await shown(server)).toBe(fingerprint(pair.cert))
  expect(server.failures).toMatchObject([{ error: { code: 'ENOENT' }, remote: undefined }])
  await expect(server.transport.reload()).rejects.toMatchObject({ code: 'ENOENT' })
  await write(otherPair)
  expect(await shown(server)).toBe(fingerprint(otherPair.cert))
})

it('follows a link that is switched to other files', async () => {
  const first = await folder(pair)
  const second = await folder(otherPair)
  const { dir } = await folder(pair)
  const live = join(dir, 'live')
  await symlink(first.dir, live)
  const certificate = certificateFiles({ cert: join(live, 'cert.pem'), key: join(live, 'key.pem') })
  const server = await EchoServer.start({ certificate })
  expect(await shown(server)).toBe(fingerprint(pair.cert))
  await symlink(second.dir, `${live}.new`)
  await rename(`${live}.new`, live)
  expect(await shown(server)).toBe(fingerprint(otherPair.cert))
})

it('does not listen without certificate files', async () => {
  const certificate = certificateFiles({ cert: '/nowhere/cert.pem', key: '/nowhere/key.pem' })
  await expect(EchoServer.start({ certificate })).rejects.toMatchObject({ code: 'ENOENT', path: '/nowhere/cert.pem' })
})
