import { X509Certificate } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface Certificates {
  /** PEM of the authority; goes into the kubeconfig. */
  readonly ca: string
  readonly key: string
  readonly cert: string
}

const day = 24 * 60 * 60 * 1_000
const lifetime = 397 * day
const renewBefore = 30 * day

/**
 * The API's key and certificate (127.0.0.1, localhost, ::1) and the authority that signed it; made when they are missing, unreadable
 * or about to expire. Files in the directory: ca.crt, api.crt, api.key (0600). The authority's key is never written down.
 */
export async function ensureCertificates (directory: string): Promise<Certificates> {
  const files = { ca: join(directory, 'ca.crt'), cert: join(directory, 'api.crt'), key: join(directory, 'api.key') }
  const [ca, cert, key] = await Promise.all([files.ca, files.cert, files.key].map(readOrEmpty))
  if (ca !== undefined && cert !== undefined && key !== undefined && stillGood(ca, cert)) return { ca, cert, key }
  const made = await makeCertificates()
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await writeSecret(files.key, made.key)
  await writeSecret(files.cert, made.cert)
  await writeSecret(files.ca, made.ca)
  return made
}

/** Writes a file that only its owner may read, whole or not at all. */
export async function writeSecret (path: string, text: string): Promise<void> {
  const next = `${path}.${process.pid}.new`
  await writeFile(next, text, { mode: 0o600 })
  await rename(next, path)
}

async function makeCertificates (): Promise<Certificates> {
  // A dependency of the certificate library wants this in place before it loads.
  await import('reflect-metadata')
  const { ExtendedKeyUsage, ExtendedKeyUsageExtension, BasicConstraintsExtension, KeyUsageFlags, KeyUsagesExtension, SubjectAlternativeNameExtension, X509CertificateGenerator } =
    await import('@peculiar/x509')
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const [authority, server] = await Promise.all([1, 2].map(() => crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])))
  if (authority === undefined || server === undefined) throw new Error('no keys were made')
  // A minute back, for clocks that are set a little after the start.
  const validity = { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + lifetime) }
  const ca = await X509CertificateGenerator.createSelfSigned({
    ...validity,
    name: 'CN=Bankinfo laptop',
    keys: authority,
    signingAlgorithm: algorithm,
    extensions: [new BasicConstraintsExtension(true, 0, true), new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true)]
  })
  const cert = await X509CertificateGenerator.create({
    ...validity,
    subject: 'CN=localhost',
    issuer: ca.subject,
    publicKey: server.publicKey,
    signingKey: authority.privateKey,
    signingAlgorithm: algorithm,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }, { type: 'ip', value: '::1' }, { type: 'dns', value: 'localhost' }])
    ]
  })
  const pkcs8 = Buffer.from(await crypto.subtle.exportKey('pkcs8', server.privateKey)).toString('base64')
  return {
    ca: ca.toString('pem') + '\n',
    cert: cert.toString('pem') + '\n',
    key: `-----BEGIN PRIVATE KEY-----\n${pkcs8.replaceAll(/.{64}/g, '$&\n').trimEnd()}\n-----END PRIVATE KEY-----\n`
  }
}

function stillGood (ca: string, cert: string): boolean {
  try {
    const [authority, server] = [new X509Certificate(ca), new X509Certificate(cert)]
    return server.verify(authority.publicKey) && Date.parse(server.validTo) - renewBefore > Date.now()
  } catch {
    return false
  }
}

async function readOrEmpty (path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
