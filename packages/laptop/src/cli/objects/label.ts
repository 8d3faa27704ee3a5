import { markCommand } from './marks.ts'

/** `bankinfo label` */
export const command = markCommand({ field: 'labels', noun: 'label', done: 'labeled', undone: 'unlabeled', nothing: 'not labeled' })
