import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseManifests } from '@bankinfo/mesh/rules'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { repository } from '../cli/home.ts'
import { buildKustomization } from './build.ts'

let root: string
beforeEach(async () => { root = await mkdtemp(join(tmpdir(), 'bankinfo-kustomize-')) })
afterEach(() => rm(root, { recursive: true, force: true }))

async function write (files: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true })
    await writeFile(join(root, name), text)
  }
}

const app = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - {name: web, image: 'localhost:5000/bank/web:1.0', env: [{name: A, value: '1'}]}
        - {name: side, image: side}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Namespace
metadata: {name: external}
`

async function objects (folder = root): Promise<readonly Record<string, unknown>[]> {
  return (await buildKustomization(folder)).map(({ resource }) => resource as unknown as Record<string, unknown>)
}

describe('buildKustomization', () => {
  it('reads files and folders, and puts what others need first', async () => {
    await write({ 'app.yaml': app, 'kustomization.yaml': 'resources: [app.yaml]', 'over/kustomization.yaml': 'resources: [..]' })
    expect((await objects(join(root, 'over'))).map(({ kind }) => kind)).toEqual(['Namespace', 'Service', 'Deployment'])
  })

  it('sets labels in metadata, and in templates and selectors where it is told to', async () => {
    await write({ 'app.yaml': app, 'kustomization.yaml': 'resources: [app.yaml]\nlabels:\n  - pairs: {a: b}\n    includeTemplates: true\n  - pairs: {c: d}\n    includeSelectors: true\n' })
    const [, service, deployment] = await objects()
    expect(service).toMatchObject({ metadata: { labels: { a: 'b', c: 'd' } }, spec: { selector: { app: 'web', c: 'd' } } })
    expect(deployment).toMatchObject({ spec: { selector: { matchLabels: { app: 'web', c: 'd' } }, template: { metadata: { labels: { app: 'web', a: 'b', c: 'd' } } } } })
    expect(service).not.toHaveProperty('spec.selector.a')
  })

  it('renames images by name, leaving a registry\'s port alone', async () => {
    await write({ 'app.yaml': app, 'kustomization.yaml': 'resources: [app.yaml]\nimages:\n  - {name: localhost:5000/bank/web, newName: registry.example/web, newTag: "2.0"}\n  - {name: side, digest: sha256:abc}\n' })
    const [, , deployment] = await objects()
    expect(deployment).toMatchObject({ spec: { template: { spec: { containers: [{ image: 'registry.example/web:2.0' }, { image: 'side@sha256:abc' }] } } } })
  })

  it('puts patches on their targets: JSON patches, and merges by container name', async () => {
    await write({
      'app.yaml': app,
      'json.yaml': '- {op: add, path: /spec/replicas, value: 3}',
      'kustomization.yaml': `resources: [app.yaml]
patches:
  - path: json.yaml
    target: {kind: Deployment, name: w.*}
  - patch: |-
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: web}
      spec: {template: {spec: {containers: [{name: web, env: [{name: B, value: '2'}]}, {name: side, $patch: delete}]}}}
`
    })
    const [, service, deployment] = await objects()
    expect(deployment).toMatchObject({ spec: { replicas: 3, template: { spec: { containers: [{ name: 'web', image: 'localhost:5000/bank/web:1.0' }] } } } })
    expect(JSON.stringify(deployment)).toContain('"name":"A"')
    expect(JSON.stringify(deployment)).toContain('"name":"B"')
    expect(service).not.toHaveProperty('spec.replicas')
  })

  it.each([
    ['namePrefix: x-', /kustomization.yaml:1:1: the key "namePrefix" is not carried out here/],
    ['resources:\n  - nothing.yaml', /kustomization.yaml:2:5: .*nothing.yaml does not exist/],
    ['resources: [app.yaml, app.yaml]', /already registered id: Deployment.apps default\/web/],
    ['resources: [https://example.com/x.yaml]', /is not on this machine/],
    ['labels: [{pairs: {a: 1}}]', /labels.pairs has a value of the wrong type/],
    ['images: [{name: x, newTag: 2.0}]', /images.newTag has a value of the wrong type: 2. A text needs quotes/],
    ['images: [{nam: x}]', /the key "nam" of images/],
    ['resources: [app.yaml]\npatches: [{patch: "[{op: remove, path: /spec/none}]", target: {kind: Service}}]', /the patch does not fit Service web/],
    ['resources: [app.yaml]\npatches: [{patch: "[{op: remove, path: /a}]"}]', /must specify a target for JSON patch/],
    ['resources: [app.yaml]\npatches: [{patch: "{apiVersion: v1, kind: Secret, metadata: {name: none}}"}]', /no resource matches strategic merge patch "Secret none"/],
    ['resources: [.]', /includes itself/],
    ['resources: {', /kustomization.yaml:/]
  ])('names file and line of what it cannot obey: %s', async (text, message) => {
    await write({ 'app.yaml': app, 'kustomization.yaml': text })
    await expect(buildKustomization(root)).rejects.toThrow(message)
  })

  it('says where a kustomization is missing', async () => {
    await expect(buildKustomization(root)).rejects.toThrow(/unable to find one of 'kustomization.yaml'/)
  })

  // Where there is a kubectl, it is asked; the names and counts hold everywhere.
  it('builds the base of the workshop as kubectl does', async () => {
    const folder = join(repository, 'k8s')
    const built = await objects(folder)
    expect(built[0]).toMatchObject({ kind: 'Namespace', metadata: { name: 'external' } })
    expect(built.filter(({ kind }) => kind === 'Deployment')).toHaveLength(6)
    const kubectl = spawnSync('kubectl', ['kustomize', folder], { encoding: 'utf8' })
    if (kubectl.status !== 0) return
    const theirs = parseManifests([{ file: 'kubectl', text: kubectl.stdout }]).documents.map(({ resource }) => resource)
    expect(built).toEqual(theirs)
  })
})
