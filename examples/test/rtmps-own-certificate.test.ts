import { rename, writeFile } from 'node:fs/promises'
import { connect, createSelfSignedCertificate } from 'rtmpipe'
import { expect, it } from 'vitest'
import { TemporaryFolder } from '../../test/support/temporary-folder.ts'
import { expectRelayed, relayed } from './relayed.ts'
import { RunningExample } from './running-example.ts'

it('rtmps-own-certificate serves RTMPS with the files given, takes up renewed ones, and RTMP beside it', async () => {
  await using folder = await TemporaryFolder.create()
  const [cert, key] = [folder.file('cert.pem'), folder.file('key.pem')]
  const install = async (pair: { readonly cert: string; readonly key: string }) => {
    // As tools that renew do it: a new file takes the place of the old.
    await writeFile(`${cert}.new`, pair.cert)
    await writeFile(`${key}.new`, pair.key)
    await rename(`${cert}.new`, cert)
    await rename(`${key}.new`, key)
  }
  const first = await createSelfSignedCertificate()
  const renewed = await createSelfSignedCertificate()
  await install(first)

  await using example = await RunningExample.start('rtmps-own-certificate', { CERT: cert, KEY: key, TLS_PORT: '0' })
  const url = `rtmps://127.0.0.1:${example.ports[1]}/live`
  await expect(connect(url)).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
  await using encoder = await connect(url, { ca: first.cert })
  await using viewer = await example.connect('rtmp', 'live')
  const player = await viewer.play('name')
  const publisher = await encoder.publish('name')
  expectRelayed(await relayed(publisher, player))

  await install(renewed)
  await using newcomer = await connect(url, { ca: renewed.cert })
  await expect(connect(url, { ca: first.cert })).rejects.toThrow()
  // Whoever was connected before the renewal stays so.
  await newcomer.play('name')
  expectRelayed(await relayed(publisher, player, 1_000), 1_000)
  await Promise.all([viewer.close(), encoder.close(), newcomer.close()])
  await example.stop()
})
