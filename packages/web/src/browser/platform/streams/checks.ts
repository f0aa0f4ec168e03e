/** The checks of arguments in `readable-stream`, left out: types have checked them. */
const unchecked = (): void => {}

export {
  unchecked as validateAbortSignal,
  unchecked as validateBoolean,
  unchecked as validateFunction,
  unchecked as validateInteger,
  unchecked as validateObject,
}
