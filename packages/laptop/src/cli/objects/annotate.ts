import { markCommand } from './marks.ts'

/** `bankinfo annotate` */
export const command = markCommand({ field: 'annotations', noun: 'annotation', done: 'annotated', undone: 'annotated', nothing: 'annotated' })
