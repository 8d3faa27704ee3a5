import type { App } from '@bankinfo/service'
import type { RouteOptions } from 'fastify'
import type { Config } from '../../config.ts'
import { replies } from '../replies.ts'

/** GET /: a page that tells what there is, made from the routes themselves. */
export function indexRoute (app: App, { POD_NAME, SERVICE_VERSION }: Config): void {
  const groups = new Map<string, Map<string, { methods: string[], summary: string }>>()
  app.addHook('onRoute', (route: RouteOptions) => {
    const { summary = '', tags = [] } = (route.schema ?? {}) as { summary?: string, tags?: string[] }
    const methods = [route.method].flat().filter((method) => method !== 'HEAD')
    const [group] = tags
    if (group === undefined || methods.length === 0 || route.url.includes('*')) return
    const known = groups.get(group) ?? new Map()
    groups.set(group, known.set(route.url, { methods, summary }))
  })
  app.get('/', { schema: { summary: 'This page', response: replies } }, async (_request, reply) => {
    const sections = [...groups].map(([group, routes]) => `<h2>${escape(group)}</h2>\n<dl>\n${[...routes].map(([url, { methods, summary }]) =>
      `<dt><code>${methods.length > 4 ? 'any method' : methods.join(', ')} ${escape(url.replace(/:(\w+)/g, '{$1}'))}</code></dt><dd>${escape(summary)}</dd>`).join('\n')}\n</dl>`)
    return await reply.type('text/html; charset=utf-8').send(page(sections.join('\n'), `${POD_NAME}, ${SERVICE_VERSION}`))
  })
}

function page (content: string, who: string): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>httpbin</title>
<style>
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem; color: #1c2733 }
h2 { margin-top: 2rem; font-size: 1.1rem } dt { margin-top: .6rem } dd { margin-left: 1rem; color: #4a5866 }
code { background: #eef2f5; padding: .1rem .3rem; border-radius: .2rem }
</style>
</head>
<body>
<h1>httpbin</h1>
<p>Answers requests in many ways, so that you see what the proxies on the way did to them. This is ${escape(who)}, a lab server of Bankinfo with the addresses of httpbin.org.</p>
${content}
</body>
</html>
`
}

function escape (text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
}
