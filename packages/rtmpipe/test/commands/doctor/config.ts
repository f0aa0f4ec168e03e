import type { ServeConfig } from '../../../src/sections/index.ts'

/** A configuration that has nothing but what is given, and the defaults of the schema that the doctor looks at. */
export function config(more: Partial<ServeConfig> = {}): ServeConfig {
  const off = { rtmp: 'off', rtmps: 'off', rtmpt: 'off', rtmpts: 'off', rtmfp: 'off', port: 'off' } as const
  return {
    host: '127.0.0.1',
    ...off,
    websocket: 'on',
    tlsMax: '1.3',
    tlsCompat: false,
    web: false,
    workers: 1,
    mergeWindow: 20,
    publishWait: 30,
    data: '.rtmpipe',
    logLevel: 'info',
    ...more,
  }
}
