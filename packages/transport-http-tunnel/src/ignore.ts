/** Does nothing. For errors that others see or that concern nobody: unheard, they would end the process. */
export function ignore(): void {}
