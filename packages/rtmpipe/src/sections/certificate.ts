import { object, type SchemaNode, text } from '../config/schema-node.ts'

/** PEM files, read again when they change. */
export interface CertificateConfig {
  /** Certificate and its chain. */
  readonly cert: string
  /** Its private key. */
  readonly key: string
}

export const certificate: SchemaNode = object<CertificateConfig>(
  'PEM files; without it a self-signed certificate is made and kept in the data folder',
  {
    cert: text('certificate and its chain', { expected: 'a file', example: 'fullchain.pem' }),
    key: text('its private key', { expected: 'a file', example: 'privkey.pem' }),
  },
  ['cert', 'key'],
)

/** What several workers mean for it. */
export const certificateWithWorkers = 'all read the same files'

/** What is wrong with the files of a certificate, if anything. */
export async function certificateProblem(files: CertificateConfig): Promise<string | undefined> {
  const { certificateFiles, checkCertificatePair } = await import('@rtmpipe/transport-tls')
  try {
    const { cert, key } = certificateFiles(files).current()
    checkCertificatePair(cert, key)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}
