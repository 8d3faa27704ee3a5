const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/
const labelWithDigitLater = /^[a-z]([-a-z0-9]*[a-z0-9])?$/
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const qualifiedName = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/

const labelMessage = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
const serviceMessage = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"
const subdomainMessage = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
const labelKeyMessage = "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
const labelValueMessage = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"

/**
 * What is wrong with an object's name, in the API server's words; undefined when nothing is.
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
 */
export function nameProblem (name: string, kind: string): string | undefined {
  if (kind === 'Service') return name.length > 63 ? tooLong(63) : labelWithDigitLater.test(name) ? undefined : serviceMessage
  if (kind === 'Namespace') return name.length > 63 ? tooLong(63) : label.test(name) ? undefined : labelMessage
  return name.length > 253 ? tooLong(253) : subdomain.test(name) ? undefined : subdomainMessage
}

/** What is wrong with the key of a label or annotation; undefined when nothing is. */
export function labelKeyProblem (key: string): string | undefined {
  const slash = key.indexOf('/')
  const prefix = key.slice(0, Math.max(slash, 0))
  const name = key.slice(slash + 1)
  if (slash === 0) return 'prefix part must be non-empty'
  if (slash > 0 && !subdomain.test(prefix)) return `prefix part ${subdomainMessage}`
  if (name === '') return 'name part must be non-empty'
  if (name.length > 63) return 'name part must be no more than 63 bytes'
  return qualifiedName.test(name) ? undefined : labelKeyMessage
}

/** What is wrong with the value of a label; undefined when nothing is. */
export function labelValueProblem (value: string): string | undefined {
  if (value.length > 63) return 'must be no more than 63 bytes'
  return value === '' || qualifiedName.test(value) ? undefined : labelValueMessage
}

function tooLong (most: number): string {
  return `must be no more than ${most} bytes`
}
