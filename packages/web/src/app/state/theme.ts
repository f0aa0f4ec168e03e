import { type Signal, signal } from '@preact/signals'
import { keep, kept } from './kept.ts'

export const themes = ['auto', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

/** The colours chosen; `auto` follows the system. */
export const theme: Signal<Theme> = signal(themes.find(each => each === kept('theme')) ?? 'auto')

/** Goes up when colours have changed: what draws on a canvas draws again. */
export const colours: Signal<number> = signal(0)

export function paint(next: Theme): void {
  theme.value = next
  keep('theme', next)
  apply()
}

/** Puts the theme on the page, and follows the system. */
export function followTheme(): void {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', apply)
  apply()
}

function apply(): void {
  const { dataset } = document.documentElement
  if (theme.value === 'auto') delete dataset['theme']
  else dataset['theme'] = theme.value
  colours.value++
}
