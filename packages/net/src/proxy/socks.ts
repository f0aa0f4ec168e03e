import { isIPv4, isIPv6, type Socket } from 'node:net'
import { closedEarly } from './closed-early.ts'
import type { HostPort } from './connect-tunnel.ts'
import { ProxyError } from './proxy-error.ts'
import { authority, type ProxyLogin, type ProxyUrl } from './proxy-url.ts'

// RFC 1928 and, for the login, RFC 1929.
const version = 5
const loginVersion = 1
const noLogin = 0
const withPassword = 2
const connectCommand = 1

const addressLengths: Readonly<Record<number, number>> = { 1: 4, 4: 16 }
const byName = 3

const reasons: Readonly<Record<number, string>> = {
  1: 'general failure',
  2: 'not allowed by its rules',
  3: 'network unreachable',
  4: 'host unreachable',
  5: 'connection refused',
  6: 'it took too long',
  7: 'it does not connect',
  8: 'it does not know this type of address',
}

/**
 * Asks a SOCKS5 proxy at the other end of `socket` for a connection. Names are resolved by the proxy. What the server
 * sends after the answer is there to be read.
 *
 * @throws ProxyError, or the error of the socket
 */
export async function connectSocks(socket: Socket, proxy: ProxyUrl, target: HostPort): Promise<void> {
  await greet(socket, proxy)
  socket.write(Buffer.concat([Buffer.of(version, connectCommand, 0), addressOf(target)]))
  const [answered, status = 0, , type = 0] = await take(socket, proxy, 4)
  if (answered !== version) throw unreadable(proxy)
  if (status !== 0) {
    const reason = reasons[status] ?? `error ${status}`
    const there = authority(target.host, target.port)
    throw new ProxyError('RTMP_ERR_PROXY_REFUSED', `proxy ${proxy.shown} does not connect to ${there}: ${reason}`)
  }
  const length = type === byName ? (await take(socket, proxy, 1))[0] : addressLengths[type]
  if (length === undefined) throw unreadable(proxy)
  // The address and port from which the proxy connects, which nobody needs.
  await take(socket, proxy, length + 2)
}

async function greet(socket: Socket, proxy: ProxyUrl): Promise<void> {
  const { login } = proxy
  const methods = login === undefined ? [noLogin] : [noLogin, withPassword]
  socket.write(Buffer.of(version, methods.length, ...methods))
  const [answered, method] = await take(socket, proxy, 2)
  if (answered !== version) throw unreadable(proxy)
  if (method === noLogin) return
  if (method !== withPassword || login === undefined) {
    const what =
      login === undefined ? 'wants a login: write its URL as socks5h://user:password@host:port' : 'wants another login'
    throw new ProxyError('RTMP_ERR_PROXY_LOGIN', `proxy ${proxy.shown} ${what}`)
  }
  socket.write(loginMessage(login))
  const [, status] = await take(socket, proxy, 2)
  if (status === 0) return
  throw new ProxyError('RTMP_ERR_PROXY_LOGIN', `proxy ${proxy.shown} does not take this name and password`)
}

function loginMessage({ user, password }: ProxyLogin): Buffer {
  const parts = [user, password].map(each => Buffer.from(each))
  return Buffer.concat([Buffer.of(loginVersion), ...parts.flatMap(part => [Buffer.of(part.length), part])])
}

function addressOf({ host, port }: HostPort): Buffer {
  const portBytes = Buffer.of(port >> 8, port & 0xff)
  if (isIPv4(host)) return Buffer.concat([Buffer.of(1, ...host.split('.').map(Number)), portBytes])
  if (isIPv6(host)) return Buffer.concat([Buffer.of(4), ipv6Bytes(host), portBytes])
  const name = Buffer.from(host)
  if (name.length > 255)
    throw new ProxyError('RTMP_ERR_PROXY_REFUSED', 'the name of the server has more than 255 bytes')
  return Buffer.concat([Buffer.of(byName, name.length), name, portBytes])
}

function ipv6Bytes(address: string): Buffer {
  // URL writes an IPv6 address in hexadecimal, also where its end was IPv4.
  const [head = '', tail] = new URL(`http://[${address.replace(/%.*$/, '')}]`).hostname.slice(1, -1).split('::')
  const groups = (text: string | undefined) => (text === undefined || text === '' ? [] : text.split(':'))
  const [before, after] = [groups(head), groups(tail)]
  const zeros = Array<string>(8 - before.length - after.length).fill('0')
  const bytes = [...before, ...zeros, ...after].map(group => group.padStart(4, '0')).join('')
  return Buffer.from(bytes, 'hex')
}

/** Reads so many bytes, and leaves what comes behind them. */
async function take(socket: Socket, proxy: ProxyUrl, count: number): Promise<Buffer> {
  let bytes = Buffer.alloc(0)
  for (;;) {
    // All there is: what is left in a socket makes it readable again at once, and the wait would be none.
    const more = socket.read() as Buffer | null
    if (more !== null) bytes = Buffer.concat([bytes, more])
    if (bytes.length > count) socket.unshift(bytes.subarray(count))
    if (bytes.length >= count) return bytes.subarray(0, count)
    if (socket.readableEnded || socket.destroyed) throw socket.errored ?? closedEarly(proxy)
    await readable(socket)
  }
}

/** There is something to read, or nothing will come. */
function readable(socket: Socket): Promise<void> {
  return new Promise(resolve => {
    const done = () => {
      socket.off('readable', done).off('end', done).off('close', done)
      resolve()
    }
    socket.on('readable', done).on('end', done).on('close', done)
  })
}

function unreadable(proxy: ProxyUrl): ProxyError {
  return new ProxyError('RTMP_ERR_PROXY_REPLY', `proxy ${proxy.shown} answered no SOCKS5`)
}
