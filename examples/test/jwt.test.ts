import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { expect, it } from 'vitest'
import { RunningExample } from './running-example.ts'
import { WebServer } from './web-server.ts'

it('jwt lets in who has a token of the provider', async () => {
  const { publicKey, privateKey } = await generateKeyPair('ES256')
  const keys = [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256' }]
  await using web = await WebServer.start()
  web.answer = () => [200, JSON.stringify({ keys })]
  await using example = await RunningExample.start('jwt', { JWKS: `${web.url}/jwks` })
  const token = await new SignJWT({ rtmp: { publish: 'live/name' } })
    .setProtectedHeader({ alg: 'ES256', kid: 'one' })
    .setAudience('live')
    .setExpirationTime('1h')
    .sign(privateKey)
  const encoder = await example.connect('rtmp', 'live')
  await encoder.publish(`name?token=${token}`)
  await encoder.close()
  for (const name of ['name', `other?token=${token}`]) {
    const stranger = await example.connect('rtmp', 'live')
    await expect(stranger.publish(name)).rejects.toMatchObject({ statusCode: 'NetStream.Publish.Denied' })
  }
  expect(web.paths).toEqual(['/jwks'])
  await example.stop()
})
