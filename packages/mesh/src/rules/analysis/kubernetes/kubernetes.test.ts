import { expect, test } from 'vitest'
import { parseManifests } from '../../manifest/manifest.ts'
import { formatFinding } from '../../problem.ts'
import { analyze } from '../analyze.ts'

const found = (text: string) => analyze(parseManifests([{ file: 'f.yaml', text }]).documents).map(finding => formatFinding(finding).split('\n', 1)[0])
const namespace = (labels: string) => `apiVersion: v1\nkind: Namespace\nmetadata: {name: default, labels: ${labels}}\n---\n`
const service = (name: string, ports: string) => `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}}\nspec: {selector: {app: a}, ports: ${ports}}\n---\n`
const deployment = (template: string, metadata = '{name: a}') => `apiVersion: apps/v1\nkind: Deployment\nmetadata: ${metadata}\nspec:\n  template: ${template}\n---\n`
const pods = '{metadata: {labels: {app: a}}, spec: {containers: [{name: a}]}}'
const injected = namespace('{istio-injection: enabled}')

test('a namespace has one kind of injection label', () => {
  expect(found(namespace('{istio-injection: enabled, istio.io/rev: canary}'))).toEqual([
    'Warning [IST0123] (Namespace default f.yaml:1) The namespace has more than one type of injection labels [istio-injection=enabled istio.io/rev=canary], which may lead to undefined behavior. Make sure only one injection label exists.'
  ])
  expect(found(namespace('{istio-injection: disabled, istio.io/rev: canary}'))).toEqual([])
})

test('Services of the same pods agree on protocols and ports', () => {
  const other = (ports: string) => injected + service('x', '[{name: http, port: 80, targetPort: 8080}]') + service('z', ports) + deployment(pods)
  expect(found(other('[{name: http, port: 81, targetPort: 8080}]'))).toEqual([
    'Warning [IST0137] (Deployment default/a f.yaml:17) This deployment a is associated with multiple services [default/x default/z] using targetPort "8080" but different ports: [80 81].'
  ])
  expect(found(other('[{name: udp, port: 80, protocol: UDP, targetPort: 9}]'))).toEqual([
    'Warning [IST0116] (Deployment default/a f.yaml:17) This deployment a is associated with multiple services using port 80 but different protocols: [default/x default/z]'
  ])
  expect(found(other('[{name: http, port: 80, targetPort: 8080}]'))).toEqual([])
  expect(found(other('[{name: http, port: 81, targetPort: 8080}]').replace(injected, ''))).toEqual([])
})

test('nothing runs as the user of the sidecar', () => {
  expect(found(deployment('{spec: {securityContext: {runAsUser: 1337}, containers: [{name: istio-proxy, securityContext: {runAsUser: 1337}}, {name: a, securityContext: {runAsUser: 1337}}]}}'))).toEqual([
    'Warning [IST0144] (Deployment default/a f.yaml:5) User ID (UID) 1337 is reserved for the sidecar proxy.'
  ])
})

test('annotations of Istio\'s exist, stand where they work, and have no successor', () => {
  const annotated = (annotations: string, labels = '{}') => found(deployment(`{metadata: {labels: ${labels}, annotations: ${annotations}}}`))
  expect(annotated('{sidecar.istio.io/logLvel: debug, sidecar.istio.io/inject: "false", networking.istio.io/exportTo: "*", example.com/mine: a}')).toEqual([
    'Warning [IST0107] (Deployment default/a f.yaml:5) Misplaced annotation: networking.istio.io/exportTo can only be applied to Service',
    'Warning [IST0108] (Deployment default/a f.yaml:5) Unknown annotation: sidecar.istio.io/logLvel',
    'Info [IST0135] (Deployment default/a f.yaml:5) Annotation "sidecar.istio.io/inject" has been deprecated in favor of the "sidecar.istio.io/inject" label and may not work in future Istio versions.'
  ])
  expect(annotated('{sidecar.istio.io/inject: "false"}', '{sidecar.istio.io/inject: "false"}')).toEqual([])
  expect(annotated('{proxy.istio.io/config: "a: b", galley.istio.io/analyze-suppress: IST0107}')).toEqual([])
  expect(found(deployment('{}', '{name: a, annotations: {proxy.istio.io/config: "a: b"}}'))).toEqual(['Warning [IST0107] (Deployment default/a f.yaml:3) Misplaced annotation: proxy.istio.io/config can only be applied to Pod'])
})
