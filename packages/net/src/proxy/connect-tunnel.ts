import { request as httpRequest } from 'node:http'
import type { Socket } from 'node:net'
import { closedEarly } from './closed-early.ts'
import { ProxyError } from './proxy-error.ts'
import { authority, type ProxyUrl } from './proxy-url.ts'

/** Bytes of the head of an answer. */
const maxHeaderSize = 16 * 1024

/** A server to connect to. */
export interface HostPort {
  /** Name in ASCII, or IP address without brackets. */
  readonly host: string
  /** 1 to 65,535. */
  readonly port: number
}

/**
 * Asks an HTTP proxy at the other end of `socket` for a connection (CONNECT, RFC 9110 §9.3.6). What the server sends
 * together with the answer is there to be read.
 *
 * @throws ProxyError, or the error of the socket
 */
export async function connectTunnel(socket: Socket, proxy: ProxyUrl, target: HostPort): Promise<void> {
  const there = authority(target.host, target.port)
  const { authorization } = proxy
  const request = httpRequest({
    method: 'CONNECT',
    path: there,
    setHost: false,
    headers: { Host: there, ...(authorization !== undefined && { 'Proxy-Authorization': authorization }) },
    maxHeaderSize,
    createConnection: () => socket,
  })
  // Node would send "close", which some proxies take for the tunnel.
  request.removeHeader('Connection')
  const status = await new Promise<number>((resolve, reject) => {
    request.on('error', error => reject(readable(error, proxy)))
    request.once('connect', ({ statusCode = 0 }, _socket, early) => {
      if (early.length > 0) socket.unshift(early)
      resolve(statusCode)
    })
    request.end()
  })
  if (isLoginRefused(status, proxy)) throw loginRefused(proxy, status)
  if (status < 200 || status > 299) throw refused(proxy, there, status)
}

/** Whether a proxy answered that it wants a login; 401 is what tinyproxy says to a wrong one. */
export function isLoginRefused(status: number, proxy: ProxyUrl): boolean {
  return status === 407 || (status === 401 && proxy.login !== undefined)
}

/** The error for that. */
export function loginRefused(proxy: ProxyUrl, status: number): ProxyError {
  const what =
    proxy.login === undefined
      ? 'wants a login: write its URL as http://user:password@host:port'
      : 'does not take this name and password (Basic login)'
  return new ProxyError('RTMP_ERR_PROXY_LOGIN', `proxy ${proxy.shown} ${what}`, { status })
}

function refused(proxy: ProxyUrl, there: string, status: number): ProxyError {
  // What squid, tinyproxy and most others say to ports that CONNECT is not allowed for.
  const hint = status === 403 || status === 405 ? '; it may allow some ports only, often 443 alone' : ''
  const message = `proxy ${proxy.shown} does not connect to ${there}: it answered ${status}${hint}`
  return new ProxyError('RTMP_ERR_PROXY_REFUSED', message, { status })
}

function readable(error: NodeJS.ErrnoException, proxy: ProxyUrl): Error {
  if (error.code?.startsWith('HPE_') !== true) return error
  if (error.code === 'HPE_INVALID_EOF_STATE') return closedEarly(proxy)
  const what = error.code === 'HPE_HEADER_OVERFLOW' ? `a head of more than ${maxHeaderSize} bytes` : 'no HTTP'
  return new ProxyError('RTMP_ERR_PROXY_REPLY', `proxy ${proxy.shown} answered ${what}`)
}
