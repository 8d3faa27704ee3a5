import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestApi, type CliResult, type TestApi } from '../testing/api.ts'

let api: TestApi
let folder: string
let bankinfo: TestApi['bankinfo']

beforeAll(async () => {
  api = await startTestApi()
  bankinfo = api.bankinfo
  folder = await mkdtemp(join(tmpdir(), 'bankinfo-cli-'))
  await api.store.create({
    apiVersion: 'networking.istio.io/v1',
    kind: 'ServiceEntry',
    metadata: { name: 'example', namespace: 'default' },
    spec: { hosts: ['*.example.com'], ports: [{ number: 80, name: 'http', protocol: 'HTTP' }] }
  })
  await api.store.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web-1', namespace: 'default', labels: { app: 'web' } },
    spec: { nodeName: 'bankinfo', containers: [{ name: 'web', image: 'x:1' }], initContainers: [{ name: 'istio-proxy', image: 'p:1', restartPolicy: 'Always' }] },
    status: {
      phase: 'Running',
      podIP: '10.44.0.2',
      conditions: [{ type: 'Ready', status: 'True' }],
      initContainerStatuses: [{ name: 'istio-proxy', ready: true, started: true, restartCount: 0, state: { running: {} } }],
      containerStatuses: [{ name: 'web', ready: true, restartCount: 0, state: { running: {} } }]
    }
  })
})
afterAll(async () => {
  await api.close()
  await rm(folder, { recursive: true, force: true })
})

async function file (name: string, text: string): Promise<string> {
  const path = join(folder, name)
  await mkdir(join(path, '..'), { recursive: true })
  await writeFile(path, text)
  return path
}

const rule = (name: string, spec = ''): string => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: ${name}
spec:
  hosts: [${name}]
  http:
    - route:
        - destination: {host: ${name}.example.com}
${spec}`

const deployment = (name: string): string => JSON.stringify({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, labels: { app: name } },
  spec: { selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'app', image: 'x:1' }] } } }
})

const ok = (stdout: string): Partial<CliResult> => ({ code: 0, stdout, stderr: '' })

describe('apply, replace and delete', () => {
  it('creates, leaves alone, changes, and says which', async () => {
    const path = await file('a.yaml', rule('a'))
    expect(await bankinfo(`apply -f ${path}`)).toEqual(ok('virtualservice.networking.istio.io/a created\n'))
    expect(await bankinfo(`apply -f ${path}`)).toEqual(ok('virtualservice.networking.istio.io/a unchanged\n'))
    await file('a.yaml', rule('a', '      timeout: 3s\n'))
    expect(await bankinfo(`apply -f ${path} --dry-run=server`)).toEqual(ok('virtualservice.networking.istio.io/a configured (server dry run)\n'))
    expect(await bankinfo(`apply -f ${path}`)).toEqual(ok('virtualservice.networking.istio.io/a configured\n'))
    await file('a.yaml', rule('a'))
    await bankinfo(`apply -f ${path}`)
    expect((await bankinfo('get vs a -o jsonpath={.spec.http[0].timeout}')).stdout).toBe('')
    expect(await bankinfo(`replace -f ${path}`)).toEqual(ok('virtualservice.networking.istio.io/a replaced\n'))
    expect(await bankinfo(`delete -f ${path}`)).toEqual(ok('virtualservice.networking.istio.io "a" deleted from default namespace\n'))
    expect(await bankinfo(`delete -f ${path}`)).toMatchObject({ code: 1, stderr: 'Error from server (NotFound): virtualservices.networking.istio.io "a" not found\n' })
    expect(await bankinfo(`delete -f ${path} --ignore-not-found`)).toEqual(ok(''))
    expect(await bankinfo(`replace -f ${path}`)).toMatchObject({ code: 1, stderr: expect.stringContaining('NotFound') })
  })

  it('reads standard input, folders in order, and kustomizations', async () => {
    expect(await bankinfo('apply -f -', rule('from-stdin'))).toEqual(ok('virtualservice.networking.istio.io/from-stdin created\n'))
    await file('many/2.yaml', rule('second'))
    await file('many/1.yaml', rule('first'))
    await file('many/notes.txt', 'no manifest')
    expect((await bankinfo(`apply -f ${join(folder, 'many')}`)).stdout).toBe('virtualservice.networking.istio.io/first created\nvirtualservice.networking.istio.io/second created\n')
    await file('kustom/web.json', deployment('kustom'))
    await file('kustom/kustomization.yaml', 'resources: [web.json]\nlabels: [{pairs: {part-of: bank}}]')
    expect(await bankinfo(`apply -k ${join(folder, 'kustom')}`)).toEqual(ok('deployment.apps/kustom created\n'))
    expect((await bankinfo('get deploy -l part-of=bank -o name')).stdout).toBe('deployment.apps/kustom\n')
    expect(await bankinfo(`delete -k ${join(folder, 'kustom')}`)).toMatchObject({ code: 0 })
  })

  it('goes on after a refusal, and exits with 1', async () => {
    const path = await file('mixed.yaml', `${rule('bad', '          weight: -1\n')}---\n${rule('good')}`)
    const { code, stdout, stderr } = await bankinfo(`apply -f ${path}`)
    expect([code, stdout]).toEqual([1, 'virtualservice.networking.istio.io/good created\n'])
    expect(stderr).toBe(`Error from server: error when creating "${path}": admission webhook "validation.istio.io" denied the request: configuration is invalid: weight -1 < 0\n  ${path}:10:11: spec.http[0].route[0].weight. Mend what the message says.\n`)
  })

  it('names file, line and column of each field that is wrong, and what to write', async () => {
    const path = await file('typo.yaml', rule('typo', '      retires: {attempts: 3}\n'))
    const { code, stderr } = await bankinfo(`apply -f ${path}`)
    expect(code).toBe(1)
    expect(stderr).toContain('strict decoding error: unknown field "spec.http[0].retires"')
    expect(stderr).toContain(`${path}:10:7: spec.http[0].retires. Did you mean "retries"?`)
  })

  it('names the line also of what Istio\'s webhook, the laptop or the schema of a Service refuses', async () => {
    const cases: ReadonlyArray<readonly [string, string]> = [
      [rule('regex', '      match: [{uri: {regex: "("}}]\n'), ':10:22: spec.http[0].match[0].uri.regex. Mend what the message says.'],
      ['apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: odd}\nspec:\n  host: a\n  trafficPolicy:\n    proxyProtocol: {}\n', ':7:5: spec.trafficPolicy.proxyProtocol. Remove it here, or apply the rule to a cluster.'],
      ['apiVersion: v1\nkind: Service\nmetadata: {name: odd}\nspec:\n  ports: [{port: 80}]\n  foo: 1\n', ':6:3: spec.foo. Mend its spelling or its indentation, or remove it.'],
      ['apiVersion: v1\nkind: Service\nmetadata: {name: odd}\nspec:\n  ports: [{port: "80"}]\n', ':5:12: spec.ports[0].port. Write a value of that type.'],
      ['apiVersion: v1\nkind: Service\nmetadata: {name: odd}\nspec:\n  ports: [{port: 70000}]\n', ':5:12: spec.ports[0].port. Mend what the message says.']
    ]
    for (const [index, [text, place]] of cases.entries()) {
      const path = await file(`place-${index}.yaml`, text)
      expect((await bankinfo(`apply -f ${path}`)).stderr).toContain(`${path}${place}`)
      expect(await bankinfo(`analyze ${path}`)).toMatchObject({ code: 79, stdout: expect.stringContaining(place.split('. ')[0]?.split(': ').at(-1) ?? '') })
    }
  })

  it('warns of what Istio takes and leaves without effect: a subset that is not there, a host that another rule has', async () => {
    const to = (subset: string) => `, subset: ${subset}`
    const virtualService = (name: string, extra: string) => `apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: ${name}}\nspec:\n  hosts: [shop.example.com]\n  http:\n    - route:\n        - destination: {host: shop.example.com${extra}}\n`
    const path = await file('subset.yaml', virtualService('shop', to('v9')))
    const { code, stderr } = await bankinfo(`apply -f ${path}`)
    expect(code).toBe(0)
    expect(stderr).toContain(`Warning: ${path}:8: Referenced host+subset in destinationrule not found: "shop.example.com+v9" [IST0101]\n  spec.http[0].route[0].destination`)
    const second = await file('second.yaml', virtualService('shop-too', ''))
    expect((await bankinfo(`apply -f ${second}`)).stderr).toContain('[IST0109]')
    expect((await bankinfo(`replace -f ${path}`)).stderr).toContain('[IST0101]')
    expect((await bankinfo(`apply --dry-run=client -f ${path}`)).stderr).toBe('')
    await bankinfo('delete vs shop shop-too')
  })

  it.each([
    ['broken', 'a: [', 'error parsing manifests'],
    ['unknown', 'apiVersion: config.istio.io/v1alpha2\nkind: rule\nmetadata: {name: w}\n', 'no matches for kind "rule" in version "config.istio.io/v1alpha2"'],
    ['nameless', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {}\n', 'resource name may not be empty'],
    ['nowhere', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: nowhere}\n', 'namespaces "nowhere" not found'],
    ['duplicate', 'apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{port: 1}, {port: 2}]}\n', 'spec.ports[0].name: Required value']
  ])('refuses a file that is %s with its name in the message', async (name, text, message) => {
    const path = await file(`${name}.yaml`, text)
    const { code, stderr } = await bankinfo(`apply -f ${path}`)
    expect(code).toBe(1)
    expect(stderr).toContain(message)
    if (name !== 'duplicate') expect(stderr).toContain(path)
  })

  it('deletes by name, by label and all, and needs to be told which', async () => {
    for (const name of ['d1', 'd2', 'd3']) await bankinfo('apply -f -', deployment(name))
    expect(await bankinfo('delete deploy d1')).toEqual(ok('deployment.apps "d1" deleted from default namespace\n'))
    expect(await bankinfo('delete deploy -l app=d2 --no-wait')).toEqual(ok('deployment.apps "d2" deleted from default namespace\n'))
    expect(await bankinfo('delete deploy')).toMatchObject({ code: 1, stderr: expect.stringContaining('no name was specified') })
    expect(await bankinfo('delete deploy --all')).toEqual(ok('deployment.apps "d3" deleted from default namespace\n'))
    expect(await bankinfo('delete deploy --all')).toEqual(ok('No resources found\n'))
  })
})

describe('get', () => {
  it('prints kubectl\'s tables', async () => {
    const { stdout } = await bankinfo('get pods')
    expect(stdout).toMatch(/^NAME {4}READY {3}STATUS {4}RESTARTS {3}AGE\nweb-1 {3}2\/2 {5}Running {3}0 {10}\d+s\n$/)
    await bankinfo('apply -f -', rule('shown'))
    expect((await bankinfo('get vs shown')).stdout).toMatch(/^NAME {4}GATEWAYS {3}HOSTS {7}AGE\nshown {14}\["shown"\] {3}\d+s\n$/)
    expect((await bankinfo('get vs shown,pods')).code).toBe(1)
    expect((await bankinfo('get pods,deploy -A')).stdout).toMatch(/^NAMESPACE {3}NAME {8}READY {3}STATUS {4}RESTARTS {3}AGE\ndefault {5}pod\/web-1 /)
  })

  it('prints objects as YAML, JSON, names and by JSONPath, without managedFields', async () => {
    expect((await bankinfo('get pod web-1 -o yaml')).stdout).toMatch(/^apiVersion: v1\nkind: Pod\nmetadata:\n {2}creationTimestamp: "[^"]+"\n {2}labels:\n {4}app: web\n/)
    expect(JSON.parse((await bankinfo('get pods -o json')).stdout)).toMatchObject({ kind: 'List', items: [{ metadata: { name: 'web-1' } }] })
    expect((await bankinfo('get pods -o name')).stdout).toBe('pod/web-1\n')
    expect((await bankinfo('get pods -o jsonpath={.items[*].status.podIP}')).stdout).toBe('10.44.0.2')
    expect((await bankinfo('get pods -o custom-columns=NAME:.metadata.name,IP:.status.podIP')).stdout).toBe('NAME    IP\nweb-1   10.44.0.2\n')
    expect((await bankinfo('get pods -o wide')).stdout).toContain('10.44.0.2')
  })

  it('says what there is not', async () => {
    expect(await bankinfo('get gw')).toEqual({ code: 0, stdout: '', stderr: 'No resources found in default namespace.\n' })
    expect(await bankinfo('get gw -n nowhere')).toMatchObject({ code: 0, stderr: 'No resources found in nowhere namespace.\n' })
    expect(await bankinfo('get pod none')).toMatchObject({ code: 1, stderr: 'Error from server (NotFound): pods "none" not found\n' })
    expect(await bankinfo('get pod none --ignore-not-found')).toEqual(ok(''))
    expect(await bankinfo('get nonsense')).toMatchObject({ code: 1, stderr: 'error: the server doesn\'t have a resource type "nonsense"\n' })
    expect(await bankinfo('get pods -o nonsense')).toMatchObject({ code: 1, stderr: expect.stringContaining('unable to match a printer') })
  })
})

describe('describe', () => {
  it('describes rules as a tree and pods in kubectl\'s layout', async () => {
    await api.store.create({
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: { name: 'told', namespace: 'default' },
      spec: { http: [{ match: [{ headers: { 'end-user': { exact: 'jason' } } }], fault: { delay: { fixedDelay: '2s', percentage: { value: 100 } } } }] }
    })
    const { stdout } = await bankinfo('describe vs told')
    expect(stdout).toContain('  Http:\n    Fault:\n      Delay:\n        Fixed Delay:  2s\n')
    expect(stdout).toContain('    Match:\n      Headers:\n        End - User:\n          Exact:  jason\n')
    expect(stdout).toMatch(/\nEvents: +<none>\n$/)
    expect((await bankinfo('describe pod web-1')).stdout).toMatch(/^Name: +web-1\nNamespace: +default\n/)
    expect((await bankinfo('describe secret none')).code).toBe(1)
  })
})

describe('label and annotate', () => {
  it('sets, keeps, changes and removes, each in kubectl\'s word for it', async () => {
    const line = (args: string): Promise<CliResult> => bankinfo(`label ns default ${args}`)
    expect(await line('istio-injection=enabled')).toEqual(ok('namespace/default labeled\n'))
    expect(await line('istio-injection=enabled')).toEqual(ok('namespace/default not labeled\n'))
    expect(await line('istio-injection=disabled')).toMatchObject({ code: 1, stderr: 'error: \'istio-injection\' already has a value (enabled), and --overwrite is false\n' })
    expect(await line('istio-injection=disabled --overwrite')).toEqual(ok('namespace/default labeled\n'))
    expect(await line('istio-injection-')).toEqual(ok('namespace/default unlabeled\n'))
    expect(await line('istio-injection-')).toEqual(ok('label "istio-injection" not found.\nnamespace/default not labeled\n'))
    expect(await bankinfo('annotate pods -l app=web note=x')).toEqual(ok('pod/web-1 annotated\n'))
    expect(await bankinfo('label pod web-1 bad=y/z')).toMatchObject({ code: 1, stderr: expect.stringContaining('is invalid: metadata.labels') })
  })
})

describe('logs and exec', () => {
  it('prints the log of the application\'s container, and of the one that is named', async () => {
    const { stdout, stderr } = await bankinfo('logs web-1 --tail 1')
    expect([stdout, stderr]).toEqual(['web-1 web line 3\n', 'Defaulted container "web" out of: web, istio-proxy (init)\n'])
    expect((await bankinfo('logs web-1 -c istio-proxy')).stdout).toBe('web-1 istio-proxy line 1\nweb-1 istio-proxy line 2\nweb-1 istio-proxy line 3\n')
    expect((await bankinfo('logs -l app=web --prefix --tail 1')).stdout).toBe('[pod/web-1/web] web-1 web line 3\n')
    expect(await bankinfo('logs web-1 -c none')).toMatchObject({ code: 1, stderr: 'error: container none is not valid for pod web-1 out of: web, istio-proxy (init)\n' })
    expect(await bankinfo('logs web-1 -c web -p')).toMatchObject({ code: 1, stderr: expect.stringContaining('previous terminated container "web" in pod "web-1" not found') })
    expect(await bankinfo('logs none')).toMatchObject({ code: 1, stderr: expect.stringContaining('pods "none" not found') })
  })

  it('passes command, input, output and exit code on', async () => {
    expect(await bankinfo('exec web-1 -c web -- curl -s http://details:9080/')).toEqual(ok('web: curl -s http://details:9080/\n'))
    expect(await bankinfo('exec -i web-1 -c web -- cat', 'from here')).toEqual(ok('from here'))
    expect(await bankinfo('exec web-1 -c web -- exit 7')).toEqual({ code: 7, stdout: 'web: exit 7\n', stderr: 'leaving\ncommand terminated with exit code 7\n' })
    expect(await bankinfo('exec web-1 -c web -- missing')).toMatchObject({ code: 1, stderr: expect.stringContaining('executable file not found') })
    expect(await bankinfo('exec web-1 curl')).toMatchObject({ code: 1, stderr: 'error: exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead\n' })
    expect(await bankinfo('exec none -- true')).toMatchObject({ code: 1, stderr: 'Error from server (NotFound): pods "none" not found\n' })
  })
})

describe('rollout, scale and wait', () => {
  it('scales and restarts a deployment, and waits until it is rolled out', async () => {
    await bankinfo('apply -f -', deployment('rolled'))
    expect(await bankinfo('scale deploy rolled --replicas=2')).toEqual(ok('deployment.apps/rolled scaled\n'))
    expect(await bankinfo('rollout restart deploy/rolled')).toEqual(ok('deployment.apps/rolled restarted\n'))
    const waiting = bankinfo('rollout status deploy/rolled --timeout 20s')
    const current = api.store.get('Deployment.apps', 'default', 'rolled')
    if (current === undefined) throw new Error('the deployment is gone')
    expect(JSON.stringify(current.spec)).toContain('kubectl.kubernetes.io/restartedAt')
    const { generation } = current.metadata
    await api.store.update({ ...current, status: { observedGeneration: generation, replicas: 2, updatedReplicas: 2, availableReplicas: 2 } })
    expect(await waiting).toMatchObject({ code: 0, stdout: expect.stringMatching(/deployment "rolled" successfully rolled out\n$/) })
    expect(await bankinfo('wait --for=jsonpath={.spec.replicas}=2 deploy/rolled')).toEqual(ok('deployment.apps/rolled condition met\n'))
  })

  it('waits for conditions and deletions, and says when the time is over', async () => {
    expect(await bankinfo('wait --for=condition=ready pod -l app=web')).toEqual(ok('pod/web-1 condition met\n'))
    expect(await bankinfo('wait --for=delete pod/none')).toEqual(ok(''))
    expect(await bankinfo('wait --for=condition=ready pod -l app=none')).toMatchObject({ code: 1, stderr: 'error: no matching resources found\n' })
    expect(await bankinfo('wait --for=condition=Initialized pod/web-1 --timeout=50ms')).toMatchObject({ code: 1, stderr: 'error: timed out waiting for the condition on pods/web-1\n' })
    expect(await bankinfo('wait --for=sunshine pod/web-1')).toMatchObject({ code: 1, stderr: expect.stringContaining('unrecognized condition') })
  })
})

describe('analyze', () => {
  it('needs no cluster, and its exit code says whether errors were found', async () => {
    const good = await file('analyze/good.yaml', rule('fine'))
    const bad = await file('analyze/bad.yaml', rule('odd', '      retires: 3\n'))
    expect(await bankinfo(`analyze ${good}`)).toMatchObject({ code: 0, stdout: expect.stringContaining('No validation issues found') })
    const found = await bankinfo(`analyze ${bad}`)
    expect(found).toMatchObject({ code: 79, stdout: expect.stringContaining(`${bad}:10:7`) })
    expect(JSON.parse((await bankinfo(`analyze --json ${bad}`)).stdout)).toMatchObject({ problems: [{ file: bad, line: 10, path: 'spec.http[0].retires' }], findings: expect.any(Array) })
    const [one, other] = [await file('analyze/steps/1.yaml', rule('step')), await file('analyze/steps/2.yaml', rule('step', '      timeout: -1s\n'))]
    for (const order of [[one, other], [other, one]]) {
      const { stdout } = await bankinfo(['analyze', ...order])
      expect(stdout).toContain(`[IST0106] (VirtualService default/step ${other}:1)`)
      expect(stdout).not.toContain('IST0109')
    }
    await file('analyze/kustomized/patch.yaml', '- op: add\n  path: /metadata/labels\n  value: {a: b}\n')
    await file('analyze/kustomized/kustomization.yaml', 'resources: [rule.yaml]\npatches: [{path: patch.yaml, target: {kind: VirtualService}}]\n')
    const kustomized = dirname(await file('analyze/kustomized/rule.yaml', rule('kustomized')))
    expect(await bankinfo(`analyze ${kustomized}`)).toMatchObject({ code: 0 })
    expect(await bankinfo('analyze /nowhere.yaml')).toMatchObject({ code: 1, stderr: 'error: the path "/nowhere.yaml" does not exist\n' })
  })
})

describe('explain', () => {
  it('asks the running mesh, and shows its answer', async () => {
    expect(await bankinfo(['explain', 'http://details:9080/', '-H', 'End-User: jason', '--from', 'default/web-1', '-X', 'POST'])).toEqual(ok('POST http://details:9080/\n'))
    const json = await bankinfo(['explain', 'http://details/', '-H', 'End-User: jason', '--json'])
    expect(JSON.parse(json.stdout)).toEqual({ asked: { url: 'http://details/', method: 'GET', headers: { 'end-user': 'jason' } } })
    expect(await bankinfo('explain details')).toMatchObject({ code: 1, stderr: expect.stringContaining('is no URL') })
    expect(await bankinfo('explain http://details/ --from nobody')).toMatchObject({ code: 1, stderr: expect.stringContaining('no workload is called nobody') })
  })
})

describe('use', () => {
  const foreign = '# mine\napiVersion: v1\nkind: Config\nclusters:\n  - name: work # production\n    cluster: {server: https://work.example}\ncontexts:\n  - name: work\n    context: {cluster: work, user: me}\nusers:\n  - name: me\n    user: {token: secret}\ncurrent-context: work\n'

  it('adds the context to a kubeconfig and takes it out again, leaving all else and its mode as they were', async () => {
    const path = await file('kube/config', foreign)
    const mode = (await stat(path)).mode
    const added = await bankinfo(`use --kubeconfig ${path}`)
    expect(added).toMatchObject({ code: 0, stdout: expect.stringContaining('Added context "bankinfo"') })
    const text = await readFile(path, 'utf8')
    expect(text).toContain('- name: work # production')
    expect(text).toContain('current-context: bankinfo')
    expect(text).toContain(`https://127.0.0.1:${api.port}`)
    expect(await bankinfo(`use --kubeconfig ${path}`)).toMatchObject({ code: 0, stdout: expect.stringContaining('already') })
    const removed = await bankinfo(`use --off --kubeconfig ${path}`)
    expect(removed.stdout).toContain('Current context: "work"')
    const after = await readFile(path, 'utf8')
    expect(after).toBe(foreign)
    expect((await stat(path)).mode).toBe(mode)
    expect(await bankinfo(`use --off --kubeconfig ${path}`)).toMatchObject({ code: 0, stdout: expect.stringContaining('does not name the laptop cluster') })
  })

  it('keeps the style that kubectl writes', async () => {
    const flat = foreign.replaceAll(/^ {2}(?=[- ] )/gm, '').replaceAll(/^ {4}/gm, '  ').replaceAll('{', '{ ').replaceAll('}', ' }')
    expect(flat).toContain('\n- name: me\n  user: { token: secret }\n')
    const path = await file('kube/flat', flat)
    await bankinfo(`use --kubeconfig ${path}`)
    await bankinfo(`use --off --kubeconfig ${path}`)
    expect(await readFile(path, 'utf8')).toBe(flat)
  })

  it('makes a file that only its owner may read where there is none, and leaves one that it cannot read alone', async () => {
    const path = join(folder, 'new', 'config')
    expect((await bankinfo(`use --kubeconfig ${path}`)).code).toBe(0)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    const broken = await file('kube/broken', 'a: [')
    expect(await bankinfo(`use --kubeconfig ${broken}`)).toMatchObject({ code: 1, stderr: expect.stringContaining('stays as it is') })
    expect(await readFile(broken, 'utf8')).toBe('a: [')
  })
})

describe('the program', () => {
  const bin = fileURLToPath(new URL('../../bin/bankinfo.js', import.meta.url))

  function start (args: readonly string[], home: string): ReturnType<typeof spawnSync> {
    return spawnSync(process.execPath, [bin, ...args], { encoding: 'utf8', env: { ...process.env, BANKINFO_HOME: home } })
  }

  it('says in one line what to do when the cluster does not run', () => {
    for (const args of [['get', 'pods'], ['exec', 'a', '--', 'true'], ['config']]) {
      const { status, stderr } = start(args, join(folder, 'nothing'))
      expect(status).toBe(1)
      expect(stderr).toBe('error: the laptop cluster is not running. Start it with "pnpm dev" (or "pnpm bankinfo up") and leave it open\n')
    }
  })

  it('says so, too, when it ran once', async () => {
    await file('ended/kubeconfig', JSON.stringify({ clusters: [{ cluster: { server: 'https://127.0.0.1:1' } }], users: [{ user: { token: 't' } }] }))
    expect(start(['get', 'pods'], join(folder, 'ended')).stderr).toMatch(/^error: the laptop cluster is not running\. [^\n]*\n$/)
  })

  it('lists its commands, and helps with each', () => {
    const { status, stdout } = start(['--help'], folder)
    expect(status).toBe(0)
    for (const name of ['up', 'get', 'apply', 'explain', 'analyze', 'doctor']) expect(stdout).toContain(`  ${name} `)
    expect(String(start(['help', 'get'], folder).stdout)).toContain('--all-namespaces')
    expect(start(['gett'], folder).status).toBe(1)
  })
})
