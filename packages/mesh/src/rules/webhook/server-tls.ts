import { asFields, asList, asText, asTexts, isSet } from '../value.ts'
import type { Verdict } from './verdict.ts'

/** Cipher suites that Envoy's BoringSSL knows, by their OpenSSL names. */
const cipherSuites = new Set([
  ...['ECDSA', 'RSA'].flatMap(key => ['AES128-GCM-SHA256', 'AES256-GCM-SHA384', 'CHACHA20-POLY1305', 'AES128-SHA', 'AES256-SHA'].map(cipher => `ECDHE-${key}-${cipher}`)),
  'AES128-GCM-SHA256', 'AES256-GCM-SHA384', 'AES128-SHA', 'AES256-SHA', 'DES-CBC3-SHA'
])

/** `tls` of a Gateway's server or of a Sidecar's ingress listener. */
export function checkServerTls (value: unknown, verdict: Verdict): void {
  if (!isSet(value)) return
  const tls = asFields(value)
  const mode = asText(tls['mode']) || 'PASSTHROUGH'
  const given = (field: string): boolean => asText(tls[field]) !== ''
  const listed = (field: string): boolean => asList(tls[field]).length > 0
  checkCiphers(tls['minProtocolVersion'], asTexts(tls['cipherSuites']), verdict)

  if (mode === 'ISTIO_MUTUAL') {
    const unwanted = [
      ['serverCertificate', 'server certificate'], ['privateKey', 'private key'], ['caCertificates', 'CA bundle'],
      ['tlsCertificates', 'tlsCertificates'], ['credentialName', 'credentialName'], ['credentialNames', 'credentialNames']
    ] as const
    for (const [field, name] of unwanted) if (given(field) || listed(field)) verdict.error(`ISTIO_MUTUAL TLS cannot have associated ${name}`)
    return
  }
  const ignored = ['caCrl', 'serverCertificate', 'privateKey', 'caCertificates', 'credentialName'].some(given) || listed('tlsCertificates') || listed('credentialNames')
  if (mode.endsWith('PASSTHROUGH') && ignored) verdict.warn(`${mode} mode does not use certificates, they will be ignored`)

  const sources = [given('serverCertificate') && given('privateKey'), given('credentialName'), listed('credentialNames'), listed('tlsCertificates')]
  if (sources.filter(Boolean).length > 1) verdict.error('only one of credential_name, credential_names, server_certificate/private_key, tls_certificates should be specified')

  const terminates = ['SIMPLE', 'MUTUAL', 'OPTIONAL_MUTUAL'].includes(mode)
  if (terminates && (given('credentialName') || listed('credentialNames'))) return
  if (terminates) {
    const name = mode === 'SIMPLE' ? 'SIMPLE TLS' : 'MUTUAL TLS'
    if (mode !== 'SIMPLE' && !given('caCertificates')) verdict.error(`${name} requires a client CA bundle`)
    const certificates = listed('tlsCertificates') ? asList(tls['tlsCertificates']).map(asFields) : [tls]
    if (certificates.length > 2) verdict.warn(`${name} can support up to 2 server certificates`)
    for (const certificate of certificates) {
      if (asText(certificate['serverCertificate']) === '') verdict.error(`${name} requires a server certificate`)
      if (asText(certificate['privateKey']) === '') verdict.error(`${name} requires a private key`)
    }
  }
  if (!given('caCrl')) return
  if (given('credentialName')) verdict.error('CRL is not supported with credentialName. CRL has to be specified in the credential')
  if (mode === 'SIMPLE') verdict.error('CRL is not supported with SIMPLE TLS')
}

function checkCiphers (minimum: unknown, suites: readonly string[], verdict: Verdict): void {
  if ((minimum === 'TLSV1_0' || minimum === 'TLSV1_1') && suites.length === 0) {
    verdict.warn('TLS version below TLSV1_2 require setting compatible ciphers as by default they no longer include compatible ciphers.')
  }
  // Names that start with an operator, such as -ALL, are for BoringSSL to judge.
  const isKnown = (suite: string): boolean => suite === '' || suite === 'ALL' || !/^[\p{L}\p{N}]/u.test(suite) || cipherSuites.has(suite)
  const invalid = new Set(suites.filter(suite => !isKnown(suite)))
  const duplicate = new Set(suites.filter((suite, index) => isKnown(suite) && suites.indexOf(suite) !== index))
  if (invalid.size > 0) verdict.warn(`ignoring invalid cipher suites: [${[...invalid].sort().join(' ')}]`)
  if (duplicate.size > 0) verdict.warn(`ignoring duplicate cipher suites: [${[...duplicate].sort().join(' ')}]`)
}
