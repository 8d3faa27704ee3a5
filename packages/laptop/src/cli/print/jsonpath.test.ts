import { describe, expect, it } from 'vitest'
import { findJsonPath, formatJsonPath, JsonPathError, JsonPathRangeError } from './jsonpath.ts'

const list = {
  kind: 'List',
  items: [
    { metadata: { name: 'a', labels: { 'app.kubernetes.io/name': 'web' } }, spec: { ports: [{ name: 'http2', port: 80, nodePort: 8080 }, { name: 'https', port: 443 }], weight: 1.5, on: true } },
    { metadata: { name: 'b' }, spec: { ports: [{ name: 'http2', port: 81 }] }, status: { loadBalancer: { ingress: [{ hostname: 'localhost' }] } } }
  ]
}

describe('formatJsonPath', () => {
  it.each([
    ['{.items[*].metadata.name}', 'a b'],
    ['{.items[0].metadata.name}', 'a'],
    ['{.items[-1].metadata.name}', 'b'],
    ['{.items[0:1].metadata.name}', 'a'],
    ['{.items[0,1].metadata.name}', 'a b'],
    ['{$.kind}', 'List'],
    ['{.items[0].spec.ports[?(@.name=="http2")].nodePort}', '8080'],
    ['{.items[0].spec.ports[?(@.port>80)].name}', 'https'],
    ['{.items[0].spec.ports[?(@.nodePort)].name}', 'http2'],
    ["{.items[?(@.metadata.name=='b')].status.loadBalancer.ingress[0].hostname}", 'localhost'],
    ['{range .items[*]}{.metadata.name}{"\\t"}{.spec.ports[0].port}{"\\n"}{end}', 'a\t80\nb\t81\n'],
    ['{range .items[*]}{.metadata.name}:{range .spec.ports[*]} {.port}{end};{end}', 'a: 80 443;b: 81;'],
    ['{.items[0].metadata.labels.app\\.kubernetes\\.io/name}', 'web'],
    ["{.items[0].metadata.labels['app.kubernetes.io/name']}", 'web'],
    ['{..hostname}', 'localhost'],
    ['{.items[0].spec.ports[0]}', '{"name":"http2","port":80,"nodePort":8080}'],
    ['{.items[0].spec.on} {.items[0].spec.weight}', 'true 1.5'],
    ['{.nothing.here}', ''],
    ['text only', 'text only'],
    ['{.items[*].metadata[\'name\']}!', 'a b!']
  ])('%s', (template, expected) => {
    expect(formatJsonPath(template, list)).toBe(expected)
  })

  it.each(['{.items[0', '{.items[0}', '{.items', '{range .items[*]}x', '{end}', '{"open}', '{.items[?(@.a==1]}'])('does not take %s', (template) => {
    expect(() => formatJsonPath(template, list)).toThrow(JsonPathError)
  })

  it('takes an index that a list does not have for an error, as kubectl does', () => {
    expect(() => formatJsonPath('{.items[2].metadata.name}', list)).toThrow(JsonPathRangeError)
    expect(formatJsonPath('{.items[2:].metadata.name}', list)).toBe('')
  })
})

describe('findJsonPath', () => {
  it('takes paths without braces, too', () => {
    expect(findJsonPath('.items[*].metadata.name', list)).toEqual(['a', 'b'])
    expect(findJsonPath('kind', list)).toEqual(['List'])
  })
})
