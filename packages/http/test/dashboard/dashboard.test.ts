import { readdir, readFile } from 'node:fs/promises'
import { get as httpGet } from 'node:http'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { folder } from '@rtmpipe/web'
import { describe, expect, it } from 'vitest'
import { api, dashboard } from '../../src/index.ts'
import { served } from '../support/served.ts'

const mount = [api(), dashboard()]

describe('/admin', () => {
  it('serves the page, with and without a slash, to anybody, and nothing keeps it', async () => {
    const { get } = await served({ mount })
    for (const path of ['/admin', '/admin/']) {
      const answer = await get(path)
      expect(answer.status).toBe(200)
      expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8')
      expect(answer.headers.get('cache-control')).toBe('no-store')
      expect(await answer.text()).toBe(await readFile(join(folder, 'index.html'), 'utf8'))
    }
  })

  it('has a strict policy, for every file', async () => {
    const { get } = await served({ mount })
    for (const path of await paths()) {
      const { headers } = await get(path)
      expect(headers.get('content-security-policy')).toMatch(/^default-src 'self';/)
      expect(headers.get('content-security-policy')).not.toMatch(/unsafe|data:|\*|http/)
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('referrer-policy')).toBe('no-referrer')
    }
  })

  it('lets all but the page be kept for ever: their names change with what is in them', async () => {
    const { get } = await served({ mount })
    for (const path of await paths()) {
      const answer = await get(path)
      expect(answer.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
      const etag = answer.headers.get('etag') ?? ''
      expect((await get(path, { headers: { 'if-none-match': etag } })).status).toBe(304)
      expect((await get(path, { headers: { 'if-none-match': '"other"' } })).status).toBe(200)
    }
  })

  it('sends them compressed to who takes that, and plain to others', async () => {
    const { port } = await served({ mount })
    const script = (await paths()).find(path => path.endsWith('.js')) ?? ''
    const plain = await bytesOf(port, script, {})
    const packed = await bytesOf(port, script, { 'accept-encoding': 'br, gzip' })
    expect(plain.encoding).toBeUndefined()
    expect(packed.encoding).toBe('gzip')
    expect(gunzipSync(packed.body).equals(plain.body)).toBe(true)
    expect(packed.body.length).toBeLessThan(plain.body.length / 2)
  })

  it('leads to no other file', async () => {
    const { port } = await served({ mount })
    const paths = [
      '/admin/../package.json',
      '/admin/..%2f..%2fpackage.json',
      '/admin/%2e%2e/%2e%2e/package.json',
      '/admin/assets/../../index.js',
      '/admin/assets/',
      '/admin/index.html/..',
      '/admin//etc/passwd',
      '/admin/assets/..\\..\\index.js',
      '/admin/%00',
    ]
    for (const path of paths) expect((await bytesOf(port, path, {})).status, path).toBeGreaterThanOrEqual(400)
  })

  it('takes no other methods', async () => {
    const { get } = await served({ mount })
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) expect((await get('/admin', { method })).status).toBe(404)
    expect((await get('/admin', { method: 'HEAD' })).status).toBe(200)
  })

  it('lets browsers log in, which the API then takes', async () => {
    const { get } = await served({ mount })
    const login = await get('/admin/login', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: 'a-token-of-the-administrator' }),
    })
    const cookie = login.headers.get('set-cookie')?.split(';')[0] ?? ''
    expect((await get('/api/v1/server', { headers: { cookie } })).status).toBe(200)
    expect((await get('/api/v1/server')).status).toBe(401)
  })
})

/** Of all files but the page. */
async function paths(): Promise<readonly string[]> {
  const names = await readdir(join(folder, 'assets'))
  expect(names.length).toBeGreaterThan(1)
  return names.map(name => `/admin/assets/${name}`)
}

/** What comes as it comes: `fetch` would tidy the path up and unpack the body. */
async function bytesOf(port: number, path: string, headers: Record<string, string>) {
  return await new Promise<{ status: number; encoding: string | undefined; body: Buffer }>((resolve, reject) => {
    httpGet({ port, path, headers }, answer => {
      const pieces: Buffer[] = []
      answer.on('data', (piece: Buffer) => pieces.push(piece))
      answer.on('end', () => {
        const encoding = answer.headers['content-encoding']
        resolve({ status: answer.statusCode ?? 0, encoding, body: Buffer.concat(pieces) })
      })
    }).on('error', reject)
  })
}
