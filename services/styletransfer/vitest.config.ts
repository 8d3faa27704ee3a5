import { defineConfig } from 'vitest/config'

// Pictures are real work: on a busy machine one takes seconds.
export default defineConfig({ test: { testTimeout: 60_000, hookTimeout: 60_000 } })
