export type { Endpoint } from './wire/address.ts'
