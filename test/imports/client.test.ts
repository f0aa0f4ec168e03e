import { describe, expect, it } from 'vitest'
import { loadedPackages } from './loaded-packages.ts'

// These take tens of milliseconds and ten megabytes each, and only who listens or makes a certificate needs them.
const heavy = ['fastify', 'node-forge']

describe('the built packages', () => {
  it('a client loads nothing that only servers need', async () => {
    const loaded = await loadedPackages(`
      import { connect } from 'rtmpipe'
      await connect('rtmpt://127.0.0.1:1/live').catch(({ code }) => console.log(code))
    `)
    expect(loaded).toContain('rtmpipe')
    // What it does need is seen, CommonJS included.
    expect(loaded).toContain('readable-stream')
    for (const name of heavy) expect(loaded).not.toContain(name)
  })

  it('a server without tunnel and self-signed certificate does not either', async () => {
    const loaded = await loadedPackages(`
      import { createServer, tcp } from 'rtmpipe'
      const server = createServer({ transports: [tcp({ port: 0 })] })
      await server.listen()
      await server.close()
    `)
    expect(loaded).toContain('session')
    for (const name of heavy) expect(loaded).not.toContain(name)
  })

  it('who makes a certificate and listens for HTTPS loads both', async () => {
    const loaded = await loadedPackages(`
      import { createSelfSignedCertificate, createServer, httpTunnel } from 'rtmpipe'
      const certificate = await createSelfSignedCertificate()
      const server = createServer({ transports: [httpTunnel({ port: 0, tls: { certificate } })] })
      await server.listen()
      await server.close()
    `)
    for (const name of heavy) expect(loaded).toContain(name)
  })
})
