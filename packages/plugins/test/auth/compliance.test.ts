import { silentLogger } from '@rtmpipe/session'
import { pluginCompliance, type PluginSubject } from '@rtmpipe/testing'
import { SignJWT } from 'jose'
import { describe, it } from 'vitest'
import {
  authmod,
  HttpCallback,
  ipFilter,
  JwtAuth,
  publishKeys,
  signedUrls,
  signUrl,
  type HttpCallbackOptions,
} from '../../src/auth/index.ts'
import { CallbackServer } from './support/callback-server.ts'

const secret = 'a secret of at least thirty-two bytes'

async function callbackSubject(
  format: NonNullable<HttpCallbackOptions['format']>,
  update?: number,
): Promise<PluginSubject> {
  const web = await CallbackServer.start()
  web.answer = () => ({ body: '0' })
  return {
    plugin: new HttpCallback(
      { url: web.url, format, ...(update !== undefined && { update: { url: web.url, interval: update } }) },
      silentLogger,
    ),
    dispose: () => web[Symbol.asyncDispose](),
  }
}

async function jwtSubject(): Promise<PluginSubject> {
  const claims = { rtmp: { publish: 'live/*', play: 'live/*' } }
  const token = await new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(secret))
  return { plugin: new JwtAuth({ key: { secret } }, silentLogger), path: `live/compliance?token=${token}` }
}

function signedSubject(): PluginSubject {
  const url = signUrl('rtmp://h/live/compliance', { key: 'k', action: 'publish', expires: new Date(2 ** 41) })
  return { plugin: signedUrls({ keys: 'k', actions: ['publish'] }), path: url.slice('rtmp://h/'.length) }
}

const subjects: Record<string, () => PluginSubject | Promise<PluginSubject>> = {
  'publishKeys lets in': () => ({ plugin: publishKeys({ keys: ['k'] }), path: 'live/compliance?key=k' }),
  'publishKeys keeps out': () => ({ plugin: publishKeys({ keys: ['k'], actions: ['publish', 'play'] }) }),
  signedUrls: signedSubject,
  jwtAuth: jwtSubject,
  'ipFilter keeps out': () => ({ plugin: ipFilter({ allow: ['10.0.0.0/8'] }) }),
  'ipFilter lets in': () => ({ plugin: ipFilter({ deny: ['10.0.0.0/8'], actions: ['publish', 'play'] }) }),
  'authmod adobe': () => ({ plugin: authmod({ users: { a: 'b' } }) }),
  'authmod llnw': () => ({ plugin: authmod({ users: () => 'x', method: 'llnw' }) }),
  'httpCallback rtmpipe': () => callbackSubject('rtmpipe'),
  'httpCallback nginx-rtmp': () => callbackSubject('nginx-rtmp'),
  'httpCallback that asks again': () => callbackSubject('nginx-rtmp', 5),
  'httpCallback srs': () => callbackSubject('srs'),
  'httpCallback mediamtx': () => callbackSubject('mediamtx'),
}

describe.each(Object.entries(subjects))('%s complies: it', (_name, create) => {
  it.each(pluginCompliance)('$name', one => one.run(create))
})
