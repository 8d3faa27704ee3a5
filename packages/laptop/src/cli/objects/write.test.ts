import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { deployment, ok, rule, startTestCli } from '../../testing/cli.ts'

const cli = await startTestCli()
const { bankinfo, file } = cli
afterAll(() => cli.close())

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
    expect((await bankinfo(`apply -f ${join(cli.folder, 'many')}`)).stdout).toBe('virtualservice.networking.istio.io/first created\nvirtualservice.networking.istio.io/second created\n')
    await file('kustom/web.json', deployment('kustom'))
    await file('kustom/kustomization.yaml', 'resources: [web.json]\nlabels: [{pairs: {part-of: bank}}]')
    expect(await bankinfo(`apply -k ${join(cli.folder, 'kustom')}`)).toEqual(ok('deployment.apps/kustom created\n'))
    expect((await bankinfo('get deploy -l part-of=bank -o name')).stdout).toBe('deployment.apps/kustom\n')
    expect(await bankinfo(`delete -k ${join(cli.folder, 'kustom')}`)).toMatchObject({ code: 0 })
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

describe('create', () => {
  it('creates from files, and says what is there already', async () => {
    const path = await file('created.yaml', `${rule('created')}---\n${rule('created-too')}`)
    expect(await bankinfo(`create -f ${path}`)).toEqual(ok('virtualservice.networking.istio.io/created created\nvirtualservice.networking.istio.io/created-too created\n'))
    const again = await bankinfo(`create -f ${path}`)
    expect([again.code, again.stderr.split('\n')[0]]).toEqual([1, `Error from server (AlreadyExists): error when creating "${path}": virtualservices.networking.istio.io "created" already exists`])
    expect(await bankinfo('create -f -', rule('odd', '      retires: 3\n'))).toMatchObject({ code: 1, stderr: expect.stringContaining('STDIN:10:7: spec.http[0].retires. Did you mean "retries"?') })
    expect(await bankinfo('create -f - --dry-run=client -o name', rule('dry'))).toEqual(ok('virtualservice.networking.istio.io/dry\n'))
    expect((await bankinfo('get vs dry')).code).toBe(1)
  })

  it('creates namespaces, secrets and configmaps from the command line', async () => {
    expect(await bankinfo('create namespace shop')).toEqual(ok('namespace/shop created\n'))
    expect(await bankinfo('create ns shop')).toMatchObject({ code: 1, stderr: 'error: failed to create namespace: namespaces "shop" already exists\n' })
    const [key, crt] = [await file('tls.key', 'private'), await file('tls.crt', 'certificate')]
    expect(await bankinfo(`-n shop create secret generic credential --from-file=key=${key} --from-file ${crt} --from-literal=who="me"`)).toEqual(ok('secret/credential created\n'))
    const base64 = (text: string): string => Buffer.from(text).toString('base64')
    expect(cli.store.get('Secret', 'shop', 'credential')).toMatchObject({ type: 'Opaque', data: { key: base64('private'), 'tls.crt': base64('certificate'), who: base64('me') } })
    expect(await bankinfo(`create secret tls certificate --cert ${crt} --key ${key}`)).toEqual(ok('secret/certificate created\n'))
    expect(cli.store.get('Secret', 'default', 'certificate')).toMatchObject({ type: 'kubernetes.io/tls', data: { 'tls.crt': base64('certificate'), 'tls.key': base64('private') } })
    await file('config/a.conf', 'a')
    await file('config/b.conf', 'b')
    expect((await bankinfo(`create configmap conf --from-file=${join(cli.folder, 'config')} -o yaml --dry-run=client`)).stdout).toContain('data:\n  a.conf: a\n  b.conf: b\n')
    expect(cli.store.get('ConfigMap', 'default', 'conf')).toBeUndefined()
  })

  it.each([
    ['create secret tls x --cert nothing.pem', 'key and cert must be specified'],
    ['create secret tls x --cert nothing.pem --key nothing.pem', 'error reading nothing.pem: no such file or directory'],
    ['create secret generic', 'exactly one NAME is required, got 0'],
    ['create secret docker x', 'unknown kind of secret "docker"'],
    ['create gateway x', 'unknown resource "gateway"'],
    ['create cm x --from-literal=a', 'invalid literal source a, expected key=value'],
    ['create cm x --from-literal=a=1 --from-literal=a=2', 'another key by that name already exists'],
    ['create', 'must specify one of -f and -k'],
    ['create cm x --context prod', 'speaks to the laptop cluster alone']
  ])('refuses %s', async (line, message) => {
    expect(await bankinfo(line)).toMatchObject({ code: 1, stderr: expect.stringContaining(message) })
  })
})
