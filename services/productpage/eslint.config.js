import shared from '../../eslint.config.js'

export default [
  ...shared,
  { ignores: ['dist/'] },
  {
    // What a browser has is known to the type check of tsconfig.browser.json.
    files: ['public/*.js'],
    rules: { 'no-undef': 'off' }
  }
]
