import { expect, it } from 'vitest'
import { CertificateError, inspectCertificate } from '../../src/index.ts'
import { fixture } from '../fixture.ts'

// The expected values are what `openssl x509 -fingerprint -sha256 -dates -subject -ext subjectAltName` says.
it('reads a self-signed certificate with an elliptic-curve key', () => {
  expect(inspectCertificate(fixture('ec-certificate'))).toEqual({
    subject: 'C=XX\nO=rtmpipe tests\nCN=ec.example.com',
    hosts: ['ec.example.com', '*.ec.example.com', '192.0.2.7', '2001:db8::7'],
    validFrom: new Date('2020-01-01T00:00:00Z'),
    validTo: new Date('2120-01-01T00:00:00Z'),
    selfSigned: true,
    fingerprint256: 'FA:FA:62:23:40:35:EB:1A:4E:C8:85:2D:0C:4D:A5:00:BC:29:DC:FD:DB:DD:80:F7:A2:E9:A5:CF:63:04:5C:CC',
  })
})

it('reads the first certificate of a chain', () => {
  expect(inspectCertificate(fixture('leaf-chain'))).toMatchObject({
    subject: 'CN=leaf.example.com',
    hosts: ['leaf.example.com', '127.0.0.1'],
    selfSigned: false,
    fingerprint256: 'DF:F6:7E:F1:AA:5E:D0:1D:75:ED:23:00:02:7C:1B:05:14:15:81:B6:5B:84:42:82:7A:D0:E7:1F:FB:87:E2:CE',
  })
})

it('reads a certificate without alternative names', () => {
  expect(inspectCertificate(fixture('authority')).hosts).toEqual([])
})

const broken: [what: string, pem: string, says: string][] = [
  ['nothing', '', 'no PEM block'],
  ['prose', 'my certificate', 'no PEM block'],
  ['a key', fixture('ec-key'), 'only PRIVATE KEY'],
  ['something endless', 'x'.repeat(2_000_000), 'no PEM block'],
  ['a damaged certificate', fixture('ec-certificate').replace(/\n.{60}/, '\n'), 'cannot be read'],
  ['a certificate cut off', fixture('ec-certificate').slice(0, 300), 'no PEM block'],
]

it.each(broken)('says what is wrong with %s', (_what, pem, says) => {
  const inspect = (): unknown => inspectCertificate(pem)
  expect(inspect).toThrow(CertificateError)
  expect(inspect).toThrow(expect.objectContaining({ code: 'RTMP_ERR_CERTIFICATE_PEM' }))
  expect(inspect).toThrow(says)
})
