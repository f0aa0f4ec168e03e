/** The numbers from 0 on, so many of them. */
export const counts = (count: number): number[] => Array.from({ length: count }, (_, index) => index)
