import { describe, expect, it } from 'vitest'
import { networksOf, trustedBy } from '../../src/sections/arrival.ts'
import { loadServeConfig } from '../../src/serve/load.ts'

/** What is set, by options of the command line. */
async function given(options: Record<string, string>) {
  const { config } = await loadServeConfig(options)
  return { trustProxy: trustedBy(config.trustProxy), proxyProtocol: networksOf(config.proxyProtocol) }
}

describe('trustProxy and proxyProtocol', () => {
  it.each([
    [{}, undefined, undefined],
    [{ trustProxy: 'loopback' }, ['loopback'], undefined],
    [{ trustProxy: 'loopback, 10.0.0.0/8,2001:db8::1' }, ['loopback', '10.0.0.0/8', '2001:db8::1'], undefined],
    [{ trustProxy: '2' }, 2, undefined],
    [{ proxyProtocol: '10.0.0.5,private' }, undefined, ['10.0.0.5', 'private']],
  ])('may be %j', async (options, trustProxy, proxyProtocol) => {
    expect(await given(options)).toEqual({ trustProxy, proxyProtocol })
  })

  it.each([
    [{ trustProxy: 'true' }, /--trust-proxy: trustProxy: true would take anybody at their word/],
    [{ trustProxy: '33' }, /--trust-proxy 33/],
    [{ trustProxy: '10.0.0.5,,10.0.0.6' }, /--trust-proxy/],
    [{ trustProxy: 'proxy.example.org' }, /--trust-proxy.*"proxy\.example\.org" is no IP address/],
    [{ proxyProtocol: '10.0.0.0/33' }, /--proxy-protocol.*"10\.0\.0\.0\/33" is no IP address/],
    [{ proxyProtocol: '1' }, /--proxy-protocol.*"1" is no IP address/],
  ])('may not be %j', async (options, message) => {
    await expect(loadServeConfig(options)).rejects.toThrow(message)
  })
})
