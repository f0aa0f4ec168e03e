import { afterEach, expect, it, vi } from 'vitest'
import { checkCertificatePair } from '../../src/index.ts'
import { fixture } from '../fixture.ts'

afterEach(() => void vi.useRealTimers())

it.each([
  ['ec-certificate', 'ec-key'],
  ['leaf-chain', 'leaf-key'],
])('accepts %s with %s', (cert, key) => {
  expect(checkCertificatePair(fixture(cert), fixture(key)).validTo).toEqual(new Date('2120-01-01T00:00:00Z'))
})

const broken: [cert: string, key: string, code: string, says: string][] = [
  ['ec-key', 'ec-key', 'PEM', 'expected a certificate in PEM format, found only PRIVATE KEY'],
  ['ec-certificate', 'ec-certificate', 'PEM', 'expected a private key in PEM format, found only CERTIFICATE'],
  ['ec-certificate', 'leaf-key', 'KEY_MISMATCH', 'does not belong to the certificate of C=XX'],
  ['ec-certificate', 'ec-key-with-parameters', 'KEY_MISMATCH', 'does not belong'],
  ['leaf-chain', 'ec-key', 'KEY_MISMATCH', 'CN=leaf.example.com'],
  ['ec-certificate', 'encrypted-pkcs8-key', 'KEY_ENCRYPTED', 'passphrase'],
  ['ec-certificate', 'encrypted-traditional-key', 'KEY_ENCRYPTED', 'passphrase'],
]

it.each(broken)('refuses %s with %s', (cert, key, code, says) => {
  const check = (): unknown => checkCertificatePair(fixture(cert), fixture(key))
  expect(check).toThrow(expect.objectContaining({ name: 'CertificateError', code: `RTMP_ERR_CERTIFICATE_${code}` }))
  expect(check).toThrow(says)
})

it('refuses a damaged key without quoting it', () => {
  const damaged = fixture('ec-key').replace(/\nMIG/, '\nAAA')
  expect(damaged).not.toBe(fixture('ec-key'))
  const check = (): unknown => checkCertificatePair(fixture('ec-certificate'), damaged)
  expect(check).toThrow(
    expect.objectContaining({ code: 'RTMP_ERR_CERTIFICATE_PEM', message: 'private key cannot be read' }),
  )
})

it.each([
  ['2019-12-31T23:59:59Z', 'RTMP_ERR_CERTIFICATE_NOT_YET_VALID', 'valid from 2020-01-01'],
  ['2120-01-01T00:00:01Z', 'RTMP_ERR_CERTIFICATE_EXPIRED', 'expired on 2120-01-01'],
])('looks at the dates: %s', (now, code, says) => {
  vi.useFakeTimers({ now: new Date(now), toFake: ['Date'] })
  const check = (): unknown => checkCertificatePair(fixture('ec-certificate'), fixture('ec-key'))
  expect(check).toThrow(expect.objectContaining({ code }))
  expect(check).toThrow(says)
})
