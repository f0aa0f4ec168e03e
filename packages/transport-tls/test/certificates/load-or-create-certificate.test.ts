import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { checkCertificatePair, inspectCertificate, loadOrCreateCertificate } from '../../src/index.ts'
import { otherPair } from '../pairs.ts'

const CERT = 'self-signed-certificate.pem'
const KEY = 'self-signed-key.pem'
const DAY = 86_400_000
const hosts = ['live.example.com', '2001:db8::1']

let parent = ''
let dir = ''
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'rtmpipe-tls-'))
  dir = join(parent, 'data', 'tls')
})
afterEach(async () => {
  vi.useRealTimers()
  await rm(parent, { recursive: true })
})

it('makes a pair and keeps it', async () => {
  const made = await loadOrCreateCertificate(dir, { hosts })
  expect(checkCertificatePair(made.cert, made.key).hosts).toEqual([...hosts, 'localhost', '127.0.0.1', '::1'])
  expect(await loadOrCreateCertificate(dir, { hosts })).toEqual(made)
  expect(await loadOrCreateCertificate(dir, { hosts: ['2001:DB8:0::1', 'LIVE.example.com'] })).toEqual(made)
  expect(await readFile(join(dir, CERT), 'utf8')).toBe(made.cert)
  expect(await readFile(join(dir, KEY), 'utf8')).toBe(made.key)
})

it('lets nobody else read the key, and leaves no drafts', async () => {
  await loadOrCreateCertificate(dir)
  expect((await stat(dir)).mode & 0o777).toBe(0o700)
  expect((await stat(join(dir, KEY))).mode & 0o777).toBe(0o600)
  expect((await readdir(dir)).toSorted()).toEqual([CERT, KEY])
})

it('makes a new one when the hosts have changed', async () => {
  const made = await loadOrCreateCertificate(dir, { hosts })
  const more = await loadOrCreateCertificate(dir, { hosts: [...hosts, 'second.example.com'] })
  expect(more.cert).not.toBe(made.cert)
  expect(inspectCertificate(more.cert).hosts).toContain('second.example.com')
  expect((await loadOrCreateCertificate(dir, { hosts })).cert).not.toBe(more.cert)
})

it('makes a new one within seven days of its expiry', async () => {
  const made = await loadOrCreateCertificate(dir, { hosts, days: 30 })
  const expiry = inspectCertificate(made.cert).validTo.getTime()
  vi.useFakeTimers({ now: expiry - 7 * DAY - 1000, toFake: ['Date'] })
  expect((await loadOrCreateCertificate(dir, { hosts, days: 30 })).cert).toBe(made.cert)
  vi.setSystemTime(expiry - 7 * DAY + 1000)
  const renewed = await loadOrCreateCertificate(dir, { hosts, days: 30 })
  expect(renewed.cert).not.toBe(made.cert)
  expect(inspectCertificate(renewed.cert).validTo.getTime()).toBeGreaterThan(expiry)
})

const damages: [what: string, damage: () => Promise<void>][] = [
  ['a file is missing', () => rm(join(dir, KEY))],
  ['a file is damaged', () => writeFile(join(dir, CERT), 'half a certif')],
  ['the two do not match', () => writeFile(join(dir, CERT), otherPair.cert)],
]

it.each(damages)('makes a new one when %s', async (_what, damage) => {
  const made = await loadOrCreateCertificate(dir)
  await damage()
  const mended = await loadOrCreateCertificate(dir)
  expect(mended.key).not.toBe(made.key)
  checkCertificatePair(mended.cert, mended.key)
  expect(await loadOrCreateCertificate(dir)).toEqual(mended)
})

it('rejects when the folder is no folder, and leaves it alone', async () => {
  const file = join(parent, 'file')
  await writeFile(file, 'precious')
  await expect(loadOrCreateCertificate(file)).rejects.toMatchObject({ code: 'ENOTDIR' })
  expect(await readFile(file, 'utf8')).toBe('precious')
})
