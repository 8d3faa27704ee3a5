import type { App } from '@bankinfo/service'
import type { FastifyReply } from 'fastify'
import Type from 'typebox'
import { jpeg, png, svg, webp } from './images.ts'
import { html, slideshow, utf8, xml } from './texts.ts'
import { replies } from '../../replies.ts'

/** Documents that are always the same. */
export function documentRoutes (app: App): void {
  const tags = ['Response formats']
  app.get('/html', { schema: { summary: 'A page', tags, response: replies } }, async (_request, reply) => await reply.type('text/html; charset=utf-8').send(html))
  app.get('/json', { schema: { summary: 'A JSON document', tags, response: replies } }, async (_request, reply) =>
    await reply.type('application/json').send(`${JSON.stringify(slideshow, undefined, 2)}\n`))
  app.get('/xml', { schema: { summary: 'An XML document', tags, response: replies } }, async (_request, reply) => await reply.type('application/xml').send(xml))
  app.get('/robots.txt', { schema: { summary: 'What robots must not read', tags, response: replies } }, async (_request, reply) =>
    await reply.type('text/plain').send('User-agent: *\nDisallow: /deny\n'))
  app.get('/deny', { schema: { summary: 'What robots.txt keeps robots from', tags, response: replies } }, async (_request, reply) =>
    await reply.type('text/plain').send('A robot that reads this has not read /robots.txt.\n'))
  app.get('/encoding/utf8', { schema: { summary: 'A page in many scripts, in UTF-8', tags, response: replies } }, async (_request, reply) =>
    await reply.type('text/html; charset=utf-8').send(utf8))
  app.get('/links/:count/:offset', {
    schema: {
      summary: 'A page with this many links to others like it (200 at most)',
      tags,
      params: Type.Object({ count: Type.Integer({ minimum: 0 }), offset: Type.Integer({ minimum: 0 }) })
    }
  }, async (request, reply) => {
    const count = Math.min(request.params.count, 200)
    const links = Array.from({ length: count }, (_, index) => index === request.params.offset ? `${index} ` : `<a href='/links/${count}/${index}'>${index}</a> `)
    return await reply.type('text/html; charset=utf-8').send(`<html><head><title>Links</title></head><body>${links.join('')}</body></html>`)
  })
  app.get('/links/:count', {
    schema: { summary: 'Leads to the first of those pages', tags, params: Type.Object({ count: Type.Integer({ minimum: 0 }) }) }
  }, async (request, reply) => await reply.code(302).header('location', `/links/${request.params.count}/0`).send(''))

  for (const [kind, { type, bytes }] of Object.entries(images)) {
    app.get(`/image/${kind}`, { schema: { summary: `A picture, ${type}`, tags: ['Images'], response: replies } }, async (_request, reply) => await reply.type(type).send(bytes))
  }
  app.get('/image', { schema: { summary: 'A picture of the first type that Accept names', tags: ['Images'], response: replies } }, async (request, reply) =>
    await imageFor(reply, request.headers.accept))
}

const images = {
  png: { type: 'image/png', bytes: png },
  jpeg: { type: 'image/jpeg', bytes: jpeg },
  webp: { type: 'image/webp', bytes: webp },
  svg: { type: 'image/svg+xml', bytes: svg }
}

async function imageFor (reply: FastifyReply, accept = 'image/png'): Promise<FastifyReply> {
  for (const range of accept.split(',').map((part) => part.split(';')[0]?.trim().toLowerCase())) {
    const image = range === '*/*' || range === 'image/*' ? images.png : Object.values(images).find(({ type }) => type === range)
    if (image !== undefined) return await reply.type(image.type).send(image.bytes)
  }
  return await reply.code(406).type('text/plain').send(`There are ${Object.values(images).map(({ type }) => type).join(', ')}.\n`)
}
