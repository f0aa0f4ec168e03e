import { resolve } from 'node:path'
import {
  certificateFiles,
  type CertificatePair,
  type CertificateProvider,
  loadOrCreateCertificate,
} from '@rtmpipe/transport-tls'
import { certificateProblem } from '../sections/certificate.ts'
import type { ServeConfig } from '../sections/index.ts'
import { makeFolder } from '../sections/make-folder.ts'
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

  /**
   * Opens the files of another configuration, or the same again. The function that it gives takes them into use.
   *
   * @throws CliError when they can't be used
   */
  async prepare(config: ServeConfig): Promise<() => void> {
    const source = await open(config)
    return () => void (this.#source = source)
  }

  current(): CertificatePair {
    return this.#source.current()
  }

  async reload(): Promise<void> {
    await this.#source.reload()
  }
}

async function open(config: ServeConfig): Promise<CertificateProvider> {
  const { certificate, data, host } = config
  if (certificate !== undefined) {
    const problem = await certificateProblem(certificate)
    if (problem !== undefined) throw new CliError(`can't use ${certificate.cert} and ${certificate.key}: ${problem}`)
    return certificateFiles(certificate)
  }
  try {
    const folder = resolve(data, 'tls')
    await makeFolder(folder, 0o700)
    const pair = await loadOrCreateCertificate(folder, { hosts: [host] })
    return { current: () => pair, reload: async () => {} }
  } catch (error) {
    const advice = `can't keep a certificate in ${data} (choose another folder with --data)`
    throw new CliError(`${advice}: ${(error as Error).message}`, { cause: error })
  }
}
