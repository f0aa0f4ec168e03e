import type { JSX } from 'preact'
import { Icon } from '../parts/icon.tsx'
import { paint, theme, themes } from '../state/theme.ts'
import { type Language, language, languages, speak, t } from '../texts/index.ts'

const icons = { auto: 'auto', light: 'sun', dark: 'moon' } as const
const names = { auto: 'themeAuto', light: 'themeLight', dark: 'themeDark' } as const

/** Language and colours. */
export function Choices(): JSX.Element {
  const { value } = theme
  const next = themes[(themes.indexOf(value) + 1) % themes.length] ?? 'auto'
  return (
    <div class="choices">
      <select
        aria-label={t('language')}
        value={language.value}
        onChange={({ currentTarget }) => speak(currentTarget.value as Language)}
      >
        {Object.entries(languages).map(([tag, { name }]) => (
          <option key={tag} value={tag} lang={tag}>
            {name}
          </option>
        ))}
      </select>
      <button
        type="button"
        class="quiet theme"
        aria-label={`${t('theme')}: ${t(names[value])}`}
        title={`${t('theme')}: ${t(names[value])}`}
        onClick={() => paint(next)}
      >
        <Icon name={icons[value]} />
      </button>
    </div>
  )
}
