import { ProxyError } from './proxy-error.ts'
import { type Environment, proxyOfEnvironment } from './proxy-environment.ts'
import { ProxyUrl } from './proxy-url.ts'

/** A proxy to go by: its URL; or `false` for none, whatever the environment says. */
export type ProxyOption = string | ProxyUrl | false

/**
 * The proxy to go by to `url`: the one of the option, to every host; without that the one that `env`
 * names, by the rules of docs/proxies.md.
 *
 * @throws ProxyError `RTMP_ERR_PROXY_URL` for what is no URL of a proxy: who asked for one must not end up without
 */
export function proxyFor(url: URL, option: ProxyOption | undefined, env: Environment): ProxyUrl | undefined {
  return option === undefined ? proxyOfEnvironment(url, env) : proxyOf(option)
}

/**
 * The proxy of an option alone.
 *
 * @throws ProxyError `RTMP_ERR_PROXY_URL`
 */
export function proxyOf(option: ProxyOption | undefined): ProxyUrl | undefined {
  if (option === undefined || option === false) return undefined
  if (option instanceof ProxyUrl) return option
  if (typeof option === 'string') return new ProxyUrl(option)
  throw new ProxyError('RTMP_ERR_PROXY_URL', 'proxy: expected the URL of a proxy as a text, or false')
}
