import type { JSX } from 'preact'
import { Copy } from '../parts/copy.tsx'
import { rtmpPort } from '../state/live.ts'
import { t } from '../texts/index.ts'

interface Props {
  readonly app: string
  readonly name: string
  /** The URL by which its publisher has come. */
  readonly url?: string | undefined
}

/** What an encoder is to be told. Nobody knows the key here: dots stand in its place. */
export function ObsCard({ app, name, url }: Props): JSX.Element {
  const port = rtmpPort.value === 1935 ? '' : `:${rtmpPort.value}`
  return (
    <section class="card obs" aria-label={t('obsCard')}>
      <h3>{t('obsCard')}</h3>
      <Copy label={t('obsServer')} value={url || `rtmp://${location.hostname}${port}/${app}`} />
      <Copy label={t('obsKey')} value={`${name}?key=…`} />
      <p class="hint">{t('obsKeyHint')}</p>
    </section>
  )
}
