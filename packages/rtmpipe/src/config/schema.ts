import { auth } from './auth-schema.ts'
import type { CertificateConfig, Config } from './config.ts'
import { quotas, publisherReturn, record, relay, vod } from './plugins-schema.ts'
import { either, object, oneOf, type SchemaNode, text, whole } from './schema-node.ts'
import { sessionLimits } from './session-limits-schema.ts'

function port(description: string, initial: number): SchemaNode {
  const choices = [whole('', 0, 65_535), oneOf('', ['off'])]
  return either(description, choices, 'a port from 0 to 65535, or off', { default: initial })
}

/** All that can be set by data: everything but `plugins`. */
export const schema: SchemaNode = object<Omit<Config, 'plugins'>>('configuration of rtmpipe serve', {
  host: text('address to listen on; 0.0.0.0 or :: for all', { default: '127.0.0.1', expected: 'an address' }),
  rtmp: port('RTMP port; 0 takes a free one', 1935),
  rtmps: port('RTMPS port', 1936),
  rtmpt: port('RTMPT port (HTTP)', 8080),
  rtmpts: port('RTMPTS port (HTTPS)', 8443),
  workers: whole('processes that share the work; any player sees any stream', 1, 64, 1),
  mergeWindow: whole('milliseconds to hold live messages to send them together; 0 is lowest latency', 0, 10_000, 20),
  certificate: object<CertificateConfig>(
    'PEM files; without it a self-signed certificate is made and kept in the data folder',
    {
      cert: text('certificate and its chain', { expected: 'a file', example: 'fullchain.pem' }),
      key: text('its private key', { expected: 'a file', example: 'privkey.pem' }),
    },
    ['cert', 'key'],
  ),
  data: text('data folder', { default: '.rtmpipe', expected: 'a folder' }),
  logLevel: oneOf('what is logged', ['debug', 'info', 'warn', 'error', 'silent'], { default: 'info' }),
  sessionLimits,
  auth,
  quotas,
  publisherReturn,
  record,
  vod,
  relay,
})
