import { once } from 'node:events'
import { createSecureContext, connect, type TLSSocket } from 'node:tls'
import { describe, expect, it, onTestFinished } from 'vitest'
import { httpTunnel } from '../../src/index.ts'
import { cert, closing, key, listening, opened, read } from '../support/bench.ts'

describe('rtmpts', () => {
  it('survives a client that posts while earlier answers are still on their way, with a TLS record for the body', async () => {
    const bench = await listening({ tls: { cert, key } })
    const { client, id, stream } = await opened(bench)
    const written = Buffer.alloc(8 * 1024 * 1024, 'abcdefg')
    stream.write(written)
    // It reads nothing until all is asked for: the server's side of the connection is as full as it gets.
    client.socket.pause()
    const count = 130
    for (let sequence = 0; sequence < count; sequence++) {
      client.write(`POST /idle/${id}/${sequence} HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n`)
      client.write('\0')
    }
    client.socket.resume()
    const bodies = []
    for (let sequence = 0; sequence < count; sequence++) {
      const { status, body } = await client.receive()
      expect(status).toBe(200)
      bodies.push(body.subarray(1))
    }
    expect(bench.accepted.all[0]).toMatchObject({ transport: 'rtmpts', secure: true })
    const received = Buffer.concat(bodies)
    expect(received.length).toBe(written.length)
    expect(received.equals(written)).toBe(true)
  })

  it('shows the certificate a provider gives, by name', async () => {
    const names: (string | undefined)[] = []
    const context = createSecureContext({ cert, key })
    const { port } = await listening({
      tls: {
        getSecureContext: async servername => {
          names.push(servername)
          if (servername === 'unknown.example.com') throw new Error('no such name')
          return context
        },
      },
    })
    const handshake = async (servername?: string): Promise<TLSSocket> => {
      const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...(servername && { servername }) })
      onTestFinished(() => void socket.destroy())
      await once(socket, 'secureConnect')
      return socket
    }
    expect((await handshake()).getPeerCertificate().subject.CN).toBe('localhost')
    expect(names).toEqual([undefined])
    await handshake('localhost')
    expect(names.at(-1)).toBe('localhost')
    await expect(handshake('unknown.example.com')).rejects.toThrow()
    expect((await handshake('localhost')).authorized).toBe(false)
  })

  it('closes a connection that does not speak TLS, and goes on', async () => {
    const bench = await listening({ tls: { cert, key } })
    const socket = (await import('node:net')).connect(bench.port, '127.0.0.1')
    socket.on('error', () => {})
    socket.write('POST /open/1 HTTP/1.1\r\nHost: x\r\n\r\n')
    await new Promise(resolve => socket.resume().once('close', resolve))
    const { client, id } = await opened(bench)
    expect((await client.post(`/send/${id}/0`, 'x')).status).toBe(200)
  })

  it('fails to listen with a bad certificate', async () => {
    await expect(httpTunnel({ port: 0, tls: { cert: 'none', key } }).listen(() => {})).rejects.toThrow()
  })

  it('trusts only what it is told to when dialling', async () => {
    const { port, accepted } = await listening({ tls: { cert, key } })
    const url = new URL(`rtmpts://127.0.0.1:${port}/live`)
    await expect(httpTunnel().dial(url)).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
    await expect(httpTunnel({ ca: cert }).dial(new URL(`rtmpts://127.0.0.2:${port}`))).rejects.toThrow()
    expect(accepted.all.length).toBe(0)
    for (const options of [{ ca: cert }, { ca: [cert.toString()] }, { insecure: true }]) {
      const connection = await httpTunnel(options).dial(url)
      expect(connection).toMatchObject({ transport: 'rtmpts', secure: true, remote: { address: '127.0.0.1', port } })
      const { stream } = await accepted.next()
      connection.stream.write('hello')
      expect(await read(stream, 5)).toBe('hello')
      connection.stream.destroy()
      await closing(connection.stream)
    }
  })
})
