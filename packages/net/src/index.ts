export { urlHost } from './url-host.ts'
