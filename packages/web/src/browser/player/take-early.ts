/** Sets once more what was set before the element had its class, and would hide the properties of that for ever. */
export function takeEarly<Kind extends HTMLElement>(element: Kind, names: readonly (keyof Kind & string)[]): void {
  for (const name of names) {
    if (!Object.hasOwn(element, name)) continue
    const value = element[name]
    delete element[name]
    element[name] = value
  }
}
