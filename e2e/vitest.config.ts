import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts'],
    // Each file starts a cluster of its own; two at once would only slow each other down.
    fileParallelism: false,
    testTimeout: 240_000,
    hookTimeout: 180_000
  }
})
