import { connect } from 'node:net'
import type { ServerAddress } from './addresses.ts'
import { maxInfo, probeTimeout } from './limits.ts'
import { parseServerInfo, type ServerInfo } from './server-check.ts'

/**
 * Asks a server who it is, before anything secret is sent to it. A frozen server takes the connection and says nothing:
 * the client library would leave that one open for ever.
 *
 * @throws Error when it does not say so in time
 */
export function probe({ host, port }: ServerAddress): Promise<ServerInfo> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true })
    const timer = setTimeout(() => fail(new Error('does not answer')), probeTimeout)
    let text = ''
    const end = (): void => {
      clearTimeout(timer)
      socket.destroy()
    }
    const fail = (error: Error): void => {
      end()
      reject(error)
    }
    socket.setEncoding('latin1')
    socket.on('error', (error: NodeJS.ErrnoException) => fail(new Error(error.code ?? 'can not be reached')))
    socket.on('close', () => fail(new Error('closed the connection')))
    socket.on('data', (data: string) => {
      text += data
      const length = text.indexOf('\r\n')
      if (length < 0 && text.length < maxInfo) return
      const info = parseServerInfo(text.slice(0, length))
      if (info === undefined) return fail(new Error('is no NATS server'))
      end()
      resolve(info)
    })
  })
}
