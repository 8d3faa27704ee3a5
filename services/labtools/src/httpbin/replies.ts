import Type from 'typebox'

/** What an address answers whose status and body are for the request to say. */
export const replies = { default: Type.Any({ description: 'as the request says' }) }
