import { join } from 'node:path'
import type { Logger, PeerAddress, Transport } from '@rtmpipe/session'
import { tcp } from '@rtmpipe/transport-tcp'
import {
  certificateFiles,
  type CertificateSource,
  checkCertificatePair,
  loadOrCreateCertificate,
} from '@rtmpipe/transport-tls'
import { httpTunnel } from '../http-tunnel.ts'
import { tls } from '../tls.ts'
import { CliError } from './cli-error.ts'
import { portOf, type ServeOptions } from './serve-options.ts'

/** The transports that the options ask for. @throws CliError */
export async function createTransports(options: ServeOptions, log: Logger): Promise<Transport[]> {
  const { host } = options
  const rtmp = portOf('rtmp', options.rtmp)
  const rtmps = portOf('rtmps', options.rtmps)
  const rtmpt = portOf('rtmpt', options.rtmpt)
  const rtmpts = portOf('rtmpts', options.rtmpts)
  const certificate = rtmps === undefined && rtmpts === undefined ? undefined : await certificateFor(options)
  const onError = (error: Error, remote?: PeerAddress) => {
    log.warn(
      { ...(remote && { remote: `${remote.address}:${remote.port}` }), code: (error as NodeJS.ErrnoException).code },
      error.message,
    )
  }
  const transports: Transport[] = []
  if (rtmp !== undefined) transports.push(tcp({ host, port: rtmp }))
  if (rtmps !== undefined && certificate) transports.push(tls({ host, port: rtmps, certificate, onError }))
  if (rtmpt !== undefined) transports.push(httpTunnel({ host, port: rtmpt, onError }))
  if (rtmpts !== undefined && certificate)
    transports.push(httpTunnel({ host, port: rtmpts, onError, tls: { certificate, onError } }))
  if (transports.length === 0) throw new CliError('every transport is off: leave at least one on')
  return transports
}

async function certificateFor({ cert, key, data, host }: ServeOptions): Promise<CertificateSource> {
  if ((cert === undefined) !== (key === undefined)) {
    throw new CliError(`--${cert ? 'cert' : 'key'} needs --${cert ? 'key' : 'cert'} beside it`)
  }
  try {
    if (cert !== undefined && key !== undefined) {
      const files = certificateFiles({ cert, key })
      checkCertificatePair(files.current().cert, files.current().key)
      return files
    }
    return await loadOrCreateCertificate(join(data, 'tls'), { hosts: [host] })
  } catch (error) {
    const what =
      cert === undefined
        ? `can't keep a certificate in ${data} (choose another folder with --data)`
        : `can't use --cert ${cert} --key ${key}`
    throw new CliError(`${what}: ${(error as Error).message}`, { cause: error })
  }
}
