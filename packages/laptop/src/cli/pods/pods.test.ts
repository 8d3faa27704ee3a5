import { afterAll, describe, expect, it } from 'vitest'
import { deployment, ok, startTestCli } from '../../testing/cli.ts'

const cli = await startTestCli()
const { bankinfo } = cli
afterAll(() => cli.close())

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

  it('follows a log that is silent at first, from its first line on', async () => {
    expect((await bankinfo('logs web-1 -c web -f')).stdout).toBe('web-1 web line 1\nweb-1 web line 2\nweb-1 web line 3\n')
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
    const current = cli.store.get('Deployment.apps', 'default', 'rolled')
    if (current === undefined) throw new Error('the deployment is gone')
    expect(JSON.stringify(current.spec)).toContain('kubectl.kubernetes.io/restartedAt')
    const { generation } = current.metadata
    await cli.store.update({ ...current, status: { observedGeneration: generation, replicas: 2, updatedReplicas: 2, availableReplicas: 2 } })
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
