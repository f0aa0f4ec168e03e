import { writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { connect, createSelfSignedCertificate } from 'rtmpipe'
import { expect, it } from 'vitest'
import { TemporaryFolder } from '../../test/support/temporary-folder.ts'
import { expectRelayed, relayed } from './relayed.ts'
import { RunningExample } from './running-example.ts'

it('one-port takes every scheme and HTTP by one port', async () => {
  await using folder = await TemporaryFolder.create()
  const [CERT, KEY] = [folder.file('cert.pem'), folder.file('key.pem')]
  const { cert, key } = await createSelfSignedCertificate()
  await writeFile(CERT, cert)
  await writeFile(KEY, key)
  await using example = await RunningExample.start('one-port', { CERT, KEY })
  const [port = 0] = example.ports
  const clients = ['rtmps', 'rtmpts', 'rtmp', 'rtmpt'].map(scheme =>
    connect(`${scheme}://127.0.0.1:${port}/live`, { ca: cert }),
  )
  const connected = await Promise.all(clients)
  for (const [index, viewer] of connected.entries()) {
    const encoder = connected.at(index - 1)
    const player = await viewer.play(`name${index}`)
    const publisher = await encoder?.publish(`name${index}`)
    if (publisher !== undefined) expectRelayed(await relayed(publisher, player))
  }
  for (const client of connected) await client.close()
  expect(await (await fetch(`http://127.0.0.1:${port}/hello`)).text()).toBe('hello\n')
  const asked = request({ host: '127.0.0.1', port, path: '/health', ca: cert, agent: false }).end()
  const [answer] = await once(asked, 'response')
  expect(answer.statusCode).toBe(200)
  await text(answer)
  await example.stop()
})
