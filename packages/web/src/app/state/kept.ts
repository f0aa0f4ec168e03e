/** What the browser remembers of earlier visits; nothing where it does not let us. */
export function kept(name: string): string | undefined {
  try {
    return localStorage.getItem(`rtmpipe.${name}`) ?? undefined
  } catch {
    return undefined
  }
}

export function keep(name: string, value: string): void {
  try {
    localStorage.setItem(`rtmpipe.${name}`, value)
  } catch {
    // A choice then lasts as long as the page.
  }
}
