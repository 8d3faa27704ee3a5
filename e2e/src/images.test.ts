import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { root, run, type Result } from './laptop.ts'

// Stands in for docker, podman and buildah: writes down how it was called, knows a pushed image by a digest made of the
// image's name, and fails to push the one that REFUSED names.
const builder = `#!/usr/bin/env bash
printf '%s%s %s\\n' "\${0##*/}" "\${SOURCE_DATE_EPOCH:+ SOURCE_DATE_EPOCH=$SOURCE_DATE_EPOCH}" "$*" >>"$CALLS"
case "$*" in push* | 'manifest push'*) ;; *) exit 0 ;; esac
for target; do :; done
name=\${target##*/}
if [ "\${name%:*}" = "\${REFUSED:-}" ]; then echo 'denied' >&2; exit 125; fi
digest=sha256:$(printf '%s' "\${name%:*}" | od -An -v -tx1 | tr -d ' \\n')
echo "1.0.0: digest: $digest size: 1234"
while [ $# -gt 0 ]; do
  if [ "$1" = --digestfile ]; then printf '%s' "$digest" >"$2"; fi
  shift
done
`
const digest = (service: string): string => `sha256:${Buffer.from(service).toString('hex')}`
const builders = ['docker', 'podman', 'buildah']
const overlay = 'k8s/overlays/registry/kustomization.yaml'

let home: string

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'bankinfo-images-'))
  for (const file of ['scripts/images.sh', overlay]) await cp(join(root, file), join(home, file))
  await mkdir(join(home, 'bin'))
  for (const name of builders) {
    await writeFile(join(home, 'bin', name), builder)
    await chmod(join(home, 'bin', name), 0o755)
  }
})

afterEach(() => rm(home, { recursive: true }))

const images = (args: string[], env: Record<string, string>): Promise<Result> => run('bash', [join(home, 'scripts/images.sh'), ...args], {
  PATH: `${join(home, 'bin')}:${process.env.PATH ?? ''}`, CALLS: join(home, 'calls'), SOURCE_DATE_EPOCH: '1700000000', ...env,
})
const calls = async (): Promise<string[]> => (await readFile(join(home, 'calls'), 'utf8').catch(() => '')).split('\n').slice(0, -1)
const named = async (): Promise<string> => readFile(join(home, overlay), 'utf8')

test.each(builders)('%s: push names every image in the overlay by registry and digest, and changes nothing else there', async (name) => {
  const before = await named()
  const { code, stdout, stderr } = await images(['push'], { BANKINFO_BUILDER: name, BANKINFO_REGISTRY: 'registry.test:5000/shop/' })
  expect(code, stdout + stderr).toBe(0)
  let expected = before
  for (const service of ['details', 'addedvalues', 'styletransfer', 'productpage']) {
    expected = expected.replace(
      new RegExp(`newName: \\S*/${service}\n( *digest: )\\S*`),
      `newName: registry.test:5000/shop/${service}\n$1${digest(service)}`
    )
  }
  expected += `  - name: localhost/bankinfo/labtools\n    newName: registry.test:5000/shop/labtools\n    digest: ${digest('labtools')}\n`
  expect(await named()).toBe(expected)
})

test.each(builders)('%s: a push that fails says so, and leaves overlay and tags as they were', async (name) => {
  const before = await named()
  const { code, stderr } = await images(['push'], { BANKINFO_BUILDER: name, BANKINFO_REGISTRY: 'registry.test/shop', REFUSED: 'styletransfer' })
  expect(code).toBe(1)
  expect(stderr).toContain('registry.test/shop/styletransfer:1.0.0 was not pushed')
  expect(stderr).toContain(`${name} login registry.test`)
  expect(await named()).toBe(before)
  const tagged = (await calls()).filter((call) => / tag /.test(call)).map((call) => call.split(' ').at(-1))
  const removed = (await calls()).filter((call) => / rmi /.test(call)).map((call) => call.split(' ').at(-1))
  expect(removed).toEqual(tagged)
})

test('the time of the commit goes to each builder in the one way that it takes', async () => {
  for (const name of builders) await images([], { BANKINFO_BUILDER: name, BANKINFO_SERVICES: 'details' })
  const [docker, podman, buildah] = await calls()
  expect(docker).toMatch(/^docker build .*--build-arg SOURCE_DATE_EPOCH=1700000000 /)
  expect(docker).not.toContain('--timestamp')
  expect(podman).toMatch(/^podman build .*--timestamp 1700000000 /)
  expect(buildah).toMatch(/^buildah build .*--timestamp 1700000000 /)
})

test('images for several platforms are pushed as one list', async () => {
  const both = { BANKINFO_PLATFORMS: 'linux/amd64,linux/arm64', BANKINFO_SERVICES: 'details', BANKINFO_REGISTRY: 'registry.test/shop' }
  const { code, stdout, stderr } = await images(['push'], { ...both, BANKINFO_BUILDER: 'podman' })
  expect(code, stdout + stderr).toBe(0)
  const made = await calls()
  const built = made.filter((call) => call.startsWith('podman build'))
  expect(built.map((call) => /--platform (\S+)/.exec(call)?.[1])).toEqual(['linux/amd64', 'linux/arm64'])
  for (const call of built) expect(call).toMatch(/ --manifest localhost\/bankinfo\/details:1\.0\.0 \.$/)
  expect(made.at(-1)).toMatch(/^podman manifest push --all .* localhost\/bankinfo\/details:1\.0\.0 docker:\/\/registry\.test\/shop\/details:1\.0\.0$/)
  expect(await named()).toContain(digest('details'))
})

test.each([
  ['no registry', ['push'], {}, 'BANKINFO_REGISTRY is not set'],
  ['several platforms for kind', ['kind'], { BANKINFO_PLATFORMS: 'linux/amd64,linux/arm64' }, 'one platform'],
  ['several platforms for minikube', ['minikube'], { BANKINFO_PLATFORMS: 'linux/amd64,linux/arm64' }, 'one platform'],
  ['a command that there is not', ['pull'], {}, 'Usage:'],
])('%s: said before anything is built', async (_title, args, env, message) => {
  const { code, stderr } = await images(args, env)
  expect(code).toBe(2)
  expect(stderr).toContain(message)
  expect(await calls()).toEqual([])
})

test.each([
  ['a registry', [{ service: 'labtools', digest: 'sha256:abc' }], 'registry.test/bank/labtools@sha256:abc'],
  ['no registry for them', [{ service: 'details', digest: 'sha256:def' }], 'localhost/bankinfo/labtools:1.0.0'],
])('the lessons\' own pods come from %s as the overlay says', async (_title, pushed, expected) => {
  for (const path of ['scripts/lib.sh', 'scripts/no-proxy.sh', 'scripts/page.sh', 'scripts/pods.sh', 'samples/sleep.yaml']) await cp(join(root, path), join(home, path), { recursive: true })
  await writeFile(join(home, overlay), pushed.map(({ service, digest }) => `  - name: localhost/bankinfo/${service}\n    newName: registry.test/bank/${service}\n    digest: ${digest}\n`).join(''))
  await writeFile(join(home, 'bin/applied'), '#!/usr/bin/env bash\nfor file; do :; done\ncat "$file" >"$CALLS"\necho created\n')
  await chmod(join(home, 'bin/applied'), 0o755)
  const { code, stdout, stderr } = await run('bash', ['-c', `. ${join(home, 'scripts/lib.sh')}; KUBECTL=(applied); . scripts/pods.sh; apply_sample sleep`], {
    PATH: `${join(home, 'bin')}:${process.env.PATH ?? ''}`, CALLS: join(home, 'calls'), BANKINFO_K8S: 'k8s/overlays/registry',
  })
  expect(code, stdout + stderr).toBe(0)
  const applied = (await calls()).join('\n')
  expect(applied.match(/image: (\S+)/)?.[1]).toBe(expected)
  expect(applied.replace(expected, 'localhost/bankinfo/labtools:1.0.0').trim()).toBe((await readFile(join(root, 'samples/sleep.yaml'), 'utf8')).trim())
})
