import { words } from '../words.ts'
import type { Kind } from './kind.ts'

/** Those that the head of the file names. */
const parameters = words`-p backend_idle_timeout=15 -p timeout_idle=60`

export const varnish: Kind = {
  file: 'varnish.vcl',
  replace: [[/"8080"/g, ({ upstreamHttp }) => `"${upstreamHttp}"`]],
  start: (config, { http, folder }) => ({
    file: '/usr/sbin/varnishd',
    args: words`-F -j none -n ${folder}/varnish -a 127.0.0.1:${http} -T none -f ${config} -s default,8m ${parameters}`,
  }),
  ready: 'http',
}
