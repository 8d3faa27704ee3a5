import { afterAll, describe, expect, it } from 'vitest'
import { ok, startTestCli } from '../../testing/cli.ts'

const cli = await startTestCli()
const { bankinfo } = cli
afterAll(() => cli.close())

describe('explain', () => {
  it('asks the running mesh, and shows its answer', async () => {
    expect(await bankinfo(['explain', 'http://details:9080/', '-H', 'End-User: jason', '--from', 'default/web-1', '-X', 'POST'])).toEqual(ok('POST http://details:9080/\n'))
    const json = await bankinfo(['explain', 'http://details/', '-H', 'End-User: jason', '--json'])
    expect(JSON.parse(json.stdout)).toEqual({ asked: { url: 'http://details/', method: 'GET', headers: { 'end-user': 'jason' } } })
    expect(await bankinfo('explain details')).toMatchObject({ code: 1, stderr: expect.stringContaining('is no URL') })
    expect(await bankinfo('explain http://details/ --from nobody')).toMatchObject({ code: 1, stderr: expect.stringContaining('no workload is called nobody') })
  })
})
