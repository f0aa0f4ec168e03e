import { once } from 'node:events'
import { createServer } from 'node:net'
import { connect, TLSSocket } from 'node:tls'
import { expect, it } from 'vitest'
import { createSelfSignedCertificate, inspectCertificate, secureContexts } from '../src/index.ts'

it('serves the certificate to a server that does its own TLS', async () => {
  const certificate = await createSelfSignedCertificate({ hosts: ['localhost'] })
  const contexts = secureContexts({ certificate })
  const secureContext = await contexts.getSecureContext()
  const server = createServer(socket => {
    new TLSSocket(socket, { isServer: true, secureContext }).end('hello')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const client = connect({ host: '127.0.0.1', port, servername: 'localhost', ca: certificate.cert })
  const [greeting] = (await once(client, 'data')) as [Buffer]
  expect(greeting.toString()).toBe('hello')
  expect(client.getPeerCertificate().fingerprint256).toBe(inspectCertificate(certificate.cert).fingerprint256)
  client.destroy()
  server.close()
})

it('rejects without a usable certificate', async () => {
  await expect(secureContexts({}).getSecureContext()).rejects.toMatchObject({ code: 'RTMP_ERR_CERTIFICATE_MISSING' })
  const broken = secureContexts({ certificate: { cert: 'no', key: 'no' } })
  await expect(broken.getSecureContext()).rejects.toMatchObject({ code: 'RTMP_ERR_CERTIFICATE_PEM' })
})
