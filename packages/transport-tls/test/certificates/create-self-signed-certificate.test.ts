import { spawnSync } from 'node:child_process'
import { X509Certificate, createPrivateKey } from 'node:crypto'
import forge from 'node-forge'
import { expect, it } from 'vitest'
import { checkCertificatePair, createSelfSignedCertificate } from '../../src/index.ts'
import { needsOpenssl } from '../openssl.ts'
import { otherPair, pair } from '../pairs.ts'

const DAY = 86_400_000

it('makes a pair that belongs together, for the hosts asked for and this machine', () => {
  expect(checkCertificatePair(pair.cert, pair.key)).toMatchObject({
    subject: 'CN=memory',
    hosts: ['memory', 'live.example.com', 'localhost', '127.0.0.1', '::1'],
    selfSigned: true,
  })
})

it('makes a 2048-bit RSA key, a SHA-256 signature and a serial number of its own', () => {
  const [certificate, other] = [pair, otherPair].map(({ cert }) => new X509Certificate(cert))
  expect(createPrivateKey(pair.key).asymmetricKeyDetails).toMatchObject({ modulusLength: 2048 })
  expect(forge.pki.certificateFromPem(pair.cert).siginfo.algorithmOid).toBe(forge.pki.oids.sha256WithRSAEncryption)
  expect(certificate?.serialNumber).toMatch(/^[4-7][0-9A-F]{31}$/)
  expect(certificate?.serialNumber).not.toBe(other?.serialNumber)
  expect(certificate?.ca).toBe(false)
  expect(certificate?.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1'])
})

it('is valid from an hour ago for the days asked for', async () => {
  const before = Date.now()
  const { cert, key } = await createSelfSignedCertificate({ days: 3 })
  const { validFrom, validTo } = checkCertificatePair(cert, key)
  expect(validTo.getTime() - validFrom.getTime()).toBeCloseTo(3 * DAY + DAY / 24, -4)
  expect(validTo.getTime()).toBeGreaterThan(before + 3 * DAY - 1000)
})

it('spells hosts as certificates do', async () => {
  const hosts = ['LIVE.example.COM', 'bücher.example', '*.example.com', '2001:DB8:0:0::1', 'localhost', '10.0.0.1']
  const { cert, key } = await createSelfSignedCertificate({ hosts })
  expect(checkCertificatePair(cert, key).hosts).toEqual([
    'live.example.com',
    'xn--bcher-kva.example',
    '*.example.com',
    '2001:db8::1',
    'localhost',
    '10.0.0.1',
    '127.0.0.1',
    '::1',
  ])
  const certificate = new X509Certificate(cert)
  expect(certificate.checkHost('any.example.com')).toBe('*.example.com')
  expect(certificate.checkIP('2001:db8::1')).toBe('2001:db8::1')
})

it('takes a name too long for the common name', async () => {
  const host = `${'a'.repeat(60)}.example.com`
  const { cert, key } = await createSelfSignedCertificate({ hosts: [host] })
  expect(checkCertificatePair(cert, key)).toMatchObject({ subject: 'CN=localhost' })
  expect(new X509Certificate(cert).checkHost(host)).toBe(host)
})

it.each(['', 'a b', 'a,b', 'a\nDNS:evil.example', 'http://a', 'fe80::1%eth0', `${'a'.repeat(64)}.com`])(
  'refuses the host %j',
  async host => {
    await expect(createSelfSignedCertificate({ hosts: [host] })).rejects.toMatchObject({
      code: 'RTMP_ERR_CERTIFICATE_HOST',
    })
  },
)

it.runIf(needsOpenssl)('has the extensions of a server, says openssl', () => {
  const text = spawnSync('openssl', ['x509', '-noout', '-text'], { input: pair.cert, encoding: 'utf8' }).stdout
  expect(text).toContain('Version: 3 (0x2)')
  expect(text).toMatch(/Basic Constraints: critical\s+CA:FALSE/)
  expect(text).toMatch(/Key Usage: critical\s+Digital Signature, Key Encipherment/)
  expect(text).toContain('Subject Key Identifier')
})
