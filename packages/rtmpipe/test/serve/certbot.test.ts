import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, symlink, unlink, writeFile } from 'node:fs/promises'
import { connect } from 'node:tls'
import { type CertificatePair, createSelfSignedCertificate } from '@rtmpipe/transport-tls'
import { expect, it } from 'vitest'
import { ServerProcess } from '../../../../test/support/server-process.ts'
import { TemporaryFolder } from '../../../../test/support/temporary-folder.ts'

const files = ['cert', 'privkey', 'chain', 'fullchain'] as const

/** A folder as certbot keeps it: `live` has links into `archive`, where each renewal has a number. */
class CertbotFolder {
  readonly #folder: TemporaryFolder
  #number = 0

  constructor(folder: TemporaryFolder) {
    this.#folder = folder
  }

  get cert(): string {
    return this.#folder.file('live/example/fullchain.pem')
  }

  get key(): string {
    return this.#folder.file('live/example/privkey.pem')
  }

  /** The new files first, then one link after the other, each of which is gone for a moment. */
  async renew(
    { cert, key }: CertificatePair,
    between: (file: string) => Promise<void> = async () => {},
  ): Promise<void> {
    this.#number += 1
    for (const name of ['live/example', 'archive/example']) await mkdir(this.#folder.file(name), { recursive: true })
    for (const file of files) {
      const text = file === 'privkey' ? key : cert
      await writeFile(this.#folder.file(`archive/example/${file}${this.#number}.pem`), text, { mode: 0o600 })
    }
    for (const file of files) {
      const link = this.#folder.file(`live/example/${file}.pem`)
      if (this.#number > 1) await unlink(link)
      await between(file)
      await symlink(`../../archive/example/${file}${this.#number}.pem`, link)
    }
  }
}

/** The certificate that a client is shown. */
async function shown(url: string): Promise<string> {
  const { port } = new URL(url.replace(/^\w+/, 'https'))
  const socket = connect({ host: '127.0.0.1', port: Number(port), rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  const { fingerprint256 } = socket.getPeerCertificate()
  socket.destroy()
  return fingerprint256
}

it('serve takes the certificates that certbot renews, without a signal', async () => {
  await using folder = await TemporaryFolder.create()
  const certbot = new CertbotFolder(folder)
  const [old, renewed] = [await createSelfSignedCertificate(), await createSelfSignedCertificate()]
  await certbot.renew(old)
  await using server = await ServerProcess.start({ args: ['--cert', certbot.cert, '--key', certbot.key] })
  const of = ({ cert }: CertificatePair) => new X509Certificate(cert).fingerprint256
  const both = () => Promise.all([shown(server.urls.rtmps), shown(server.urls.rtmpts)])
  expect(await both()).toEqual([of(old), of(old)])
  // In the middle of it the old pair stays in use.
  await certbot.renew(renewed, async () => expect(await both()).toEqual([of(old), of(old)]))
  expect(await both()).toEqual([of(renewed), of(renewed)])
  await server.stop()
})
