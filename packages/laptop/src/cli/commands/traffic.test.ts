import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestApi, type TestApi } from '../../testing/api.ts'

let api: TestApi
let bankinfo: TestApi['bankinfo']

beforeAll(async () => {
  api = await startTestApi()
  ;({ bankinfo } = api)
})
afterAll(() => api.close())

describe('graph', () => {
  it('shows who calls whom in the last minute, or in the window that is asked for', async () => {
    const { code, stdout } = await bankinfo('graph')
    expect(code).toBe(0)
    expect(stdout).toContain('The last 60 s')
    expect(stdout).toMatch(/client +web v1 +12 +0\.20\/s +25 % +3 ms +40 ms/)
    expect((await bankinfo('graph --window 5m')).stdout).toContain('The last 300 s')
  })

  it('is text for other programs, or data', async () => {
    expect((await bankinfo('graph -o dot')).stdout).toMatch(/^digraph bankinfo \{\n/)
    expect((await bankinfo('graph -o mermaid')).stdout).toMatch(/^flowchart LR\n/)
    expect(JSON.parse((await bankinfo('graph -o json -w 30s')).stdout)).toMatchObject({ window: 30, edges: [{ requests: 12, errors: 0.25 }] })
  })

  it('names what it cannot do', async () => {
    expect(await bankinfo('graph -o png')).toMatchObject({ code: 1, stderr: 'error: invalid argument "png" for "--output": expected one of text, dot, mermaid, json\n' })
    expect(await bankinfo('graph --window 1h')).toMatchObject({ code: 1, stderr: expect.stringContaining('expected 1s to 10m') })
    expect(await bankinfo('graph --window soon')).toMatchObject({ code: 1, stderr: expect.stringContaining('expected a duration') })
  })
})

describe('trace', () => {
  it('lists the last traces', async () => {
    expect((await bankinfo('trace')).stdout).toMatch(/00:00:00\.000 +1ca7dc8ad9964d94b8fc09132eb845f8 +200 +5 ms +1 +client\.default +GET \/\n/)
    expect(JSON.parse((await bankinfo('trace -o json')).stdout)).toMatchObject([{ spans: 1 }])
  })

  it('draws one', async () => {
    const { code, stdout } = await bankinfo('trace 1ca7dc8a-d996-4d94-b8fc-09132eb845f8')
    expect(code).toBe(0)
    expect(stdout).toMatch(/client → web +200 +5 ms +█+\n/)
    expect(JSON.parse((await bankinfo('trace 1ca7dc8a-d996-4d94-b8fc-09132eb845f8 -o json')).stdout)).toMatchObject({ spans: [{ operation: 'web.default.svc.cluster.local:80/*' }] })
  })

  it('says what to do about an id that it does not know', async () => {
    expect(await bankinfo('trace nothing')).toMatchObject({ code: 1, stderr: expect.stringContaining('no trace has the id "nothing"') })
    expect(await bankinfo('trace -n 0')).toMatchObject({ code: 1, stderr: expect.stringContaining('expected a number from 1 to 9999') })
  })
})

describe('what the API tells of traffic', () => {
  it('is for who has the token alone', async () => {
    for (const path of ['/bankinfo/v1/graph', '/bankinfo/v1/traces', '/bankinfo/v1/traces/x']) {
      expect((await api.app.inject({ url: path, headers: { host: `127.0.0.1:${api.port}` } })).statusCode).not.toBe(200)
    }
  })

  it.each(['graph?window=-1', 'graph?window=x', 'graph?output=png', 'traces?limit=0', 'traces/1ca7dc8a-d996-4d94-b8fc-09132eb845f8?width=wide'])('refuses %s', async (path) => {
    await expect(api.client.request('GET', `/bankinfo/v1/${path}`)).rejects.toMatchObject({ code: 400 })
  })
})
