import { chmod, readFile, writeFile } from 'node:fs/promises'
import { createSelfSignedCertificate } from '@rtmpipe/transport-tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run } from '../../../../../test/support/running-program.ts'
import { TemporaryFolder } from '../../../../../test/support/temporary-folder.ts'
import { needsOpenssl } from '../../../../transport-tls/test/openssl.ts'
import { certificateFindings } from '../../../src/commands/doctor/certificate.ts'
import { config } from './config.ts'

let folder: TemporaryFolder
beforeAll(async () => {
  folder = await TemporaryFolder.create()
})
afterAll(() => folder[Symbol.asyncDispose]())

async function written(name: string, text: string, mode = 0o600): Promise<string> {
  await writeFile(folder.file(name), text)
  await chmod(folder.file(name), mode)
  return folder.file(name)
}

function findings(cert: string, key: string, now?: number) {
  return certificateFindings(config({ rtmps: 1936, certificate: { cert, key } }), now)
}

/** An authority, one below it, and a server's certificate of that. */
async function chain() {
  const [root, middle, leaf] = ['root', 'middle', 'leaf'].map(name => folder.file(name)) as [string, string, string]
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  const ca = ['-addext', 'basicConstraints=critical,CA:TRUE']
  await run('openssl', [
    'req',
    '-x509',
    ...key,
    ...ca,
    '-subj',
    '/CN=Root',
    '-days',
    '100',
    '-keyout',
    `${root}.key`,
    '-out',
    root,
  ])
  for (const [name, issuer, constraint] of [
    [middle, root, 'CA:TRUE'],
    [leaf, middle, 'CA:FALSE'],
  ] as const) {
    await written('extensions', `basicConstraints=${constraint}\nsubjectAltName=DNS:live.example.org`)
    await run('openssl', [
      'req',
      ...key,
      '-subj',
      `/CN=${name.split('/').at(-1)}`,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.csr`,
    ])
    const from = ['-CA', issuer, '-CAkey', `${issuer}.key`, '-CAcreateserial', '-extfile', folder.file('extensions')]
    await run('openssl', ['x509', '-req', '-in', `${name}.csr`, ...from, '-days', '90', '-out', name])
  }
  const [rootPem, middlePem, leafPem] = await Promise.all([root, middle, leaf].map(file => readFile(file, 'utf8')))
  return { root: rootPem ?? '', middle: middlePem ?? '', leaf: leafPem ?? '', key: `${leaf}.key` }
}

describe('a certificate', () => {
  it('is not needed without TLS', async () => {
    expect(await certificateFindings(config())).toMatchObject([{ level: 'fine' }])
  })

  it('that is made here is not accepted by all', async () => {
    expect(await certificateFindings(config({ rtmps: 1936 }))).toMatchObject([
      {
        level: 'warning',
        text: expect.stringContaining('self-signed'),
        advice: expect.stringContaining('certificate.cert'),
      },
    ])
  })

  it('ends, or is about to', async () => {
    const pair = await createSelfSignedCertificate({ hosts: ['live.example.org'], days: 10 })
    const [cert, key] = [await written('short.pem', pair.cert), await written('short.key', pair.key)]
    expect(await findings(cert, key)).toMatchObject([
      {
        level: 'warning',
        text: expect.stringMatching(/good for \d+ days.*it ends on 20/),
        advice: expect.stringContaining('certbot'),
      },
      { level: 'warning', text: expect.stringContaining('self-signed') },
    ])
    const old = await createSelfSignedCertificate({ days: -1 })
    const [oldCert, oldKey] = [await written('old.pem', old.cert), await written('old.key', old.key)]
    const [finding] = await findings(oldCert, oldKey)
    expect(finding).toMatchObject({
      level: 'problem',
      text: expect.stringContaining('expired'),
      advice: expect.stringContaining('certbot renew'),
    })
  })

  it('has a key of its own', async () => {
    const [one, other] = [await createSelfSignedCertificate(), await createSelfSignedCertificate()]
    const [finding] = await findings(await written('one.pem', one.cert), await written('other.key', other.key))
    expect(finding).toMatchObject({
      level: 'problem',
      text: expect.stringContaining('does not belong'),
      advice: expect.stringContaining('same renewal'),
    })
  })

  it('is there', async () => {
    const [finding] = await findings(folder.file('none.pem'), folder.file('none.key'))
    expect(finding).toMatchObject({
      level: 'problem',
      text: expect.stringMatching(/none\.(pem|key) can't be read: ENOENT/),
    })
  })

  it('has a key that not everybody reads', async () => {
    const pair = await createSelfSignedCertificate()
    const all = await findings(await written('open.pem', pair.cert), await written('open.key', pair.key, 0o644))
    expect(all).toContainEqual(
      expect.objectContaining({ level: 'warning', advice: `chmod o= ${folder.file('open.key')}` }),
    )
  })

  it.runIf(needsOpenssl)('comes with all that is between it and who is known', async () => {
    const { root, middle, leaf, key } = await chain()
    const last = async (text: string) => (await findings(await written('chain.pem', text), key)).slice(1)
    expect(await last(leaf + middle + root)).toMatchObject([{ level: 'fine', text: 'chain: complete, up to CN=Root' }])
    expect(await last(leaf)).toMatchObject([
      {
        level: 'problem',
        text: expect.stringContaining('nobody here knows CN=middle'),
        advice: expect.stringContaining('fullchain.pem'),
      },
    ])
    expect(await last(leaf + root)).toMatchObject([
      { level: 'problem', text: expect.stringContaining('number 2 in the file is not who issued number 1') },
    ])
  })
})
