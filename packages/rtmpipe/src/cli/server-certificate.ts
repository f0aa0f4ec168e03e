import { join } from 'node:path'
import {
  certificateFiles,
  type CertificatePair,
  type CertificateProvider,
  checkCertificatePair,
  loadOrCreateCertificate,
} from '@rtmpipe/transport-tls'
import type { ServeConfig } from '../config/config.ts'
import { CliError } from './cli-error.ts'

/** The certificate of a server, which may come from other files while it runs. */
export class ServerCertificate implements CertificateProvider {
  #source: CertificateProvider

  private constructor(source: CertificateProvider) {
    this.#source = source
  }

  /** @throws CliError when it can't be used, or none can be kept */
  static async open(config: ServeConfig): Promise<ServerCertificate> {
    return new ServerCertificate(await open(config))
  }

  /** Takes the files of another configuration, or reads the same again. @throws CliError, and keeps what it had */
  async update(config: ServeConfig): Promise<void> {
    this.#source = await open(config)
  }

  current(): CertificatePair {
    return this.#source.current()
  }

  async reload(): Promise<void> {
    await this.#source.reload()
  }
}

/** What is wrong with the files of a certificate, if anything. */
export function certificateProblem({ certificate }: ServeConfig): string | undefined {
  if (certificate === undefined) return undefined
  try {
    const { cert, key } = certificateFiles(certificate).current()
    checkCertificatePair(cert, key)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

async function open(config: ServeConfig): Promise<CertificateProvider> {
  const { certificate, data, host } = config
  if (certificate !== undefined) {
    const problem = certificateProblem(config)
    if (problem !== undefined) throw new CliError(`can't use ${certificate.cert} and ${certificate.key}: ${problem}`)
    return certificateFiles(certificate)
  }
  try {
    const pair = await loadOrCreateCertificate(join(data, 'tls'), { hosts: [host] })
    return { current: () => pair, reload: async () => {} }
  } catch (error) {
    const advice = `can't keep a certificate in ${data} (choose another folder with --data)`
    throw new CliError(`${advice}: ${(error as Error).message}`, { cause: error })
  }
}
