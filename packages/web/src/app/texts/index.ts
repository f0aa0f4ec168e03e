import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import { kept, keep } from '../state/kept.ts'
import { de } from './de.ts'
import { en, type Texts } from './en.ts'
import { zh } from './zh.ts'

export type { Texts } from './en.ts'

export type Language = 'en' | 'de' | 'zh'

/** All languages, each with its own name. */
export const languages: Readonly<Record<Language, { readonly name: string; readonly texts: Texts }>> = {
  en: { name: 'English', texts: en },
  de: { name: 'Deutsch', texts: de },
  zh: { name: '中文', texts: zh },
}

/** The language of the page: the one chosen here before, or the first of the browser's that we have. */
export const language: Signal<Language> = signal(chooseLanguage([kept('language') ?? '', ...navigator.languages]))

const texts: ReadonlySignal<Texts> = computed(() => languages[language.value].texts)

/** The text of a key in the language of the page. */
export function t(key: keyof Texts, values: Readonly<Record<string, string | number>> = {}): string {
  return texts.value[key].replace(/\{(\w+)\}/g, (all, name: string) => String(values[name] ?? all))
}

export function speak(next: Language): void {
  language.value = next
  keep('language', next)
}

/** The first that we have; English otherwise. */
export function chooseLanguage(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const [primary = ''] = tag.toLowerCase().split('-')
    if (Object.hasOwn(languages, primary)) return primary as Language
  }
  return 'en'
}
