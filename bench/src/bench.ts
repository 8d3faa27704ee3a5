import { writeFile } from 'node:fs/promises'
import { cleanUpAtExit } from './measure/cleanup.ts'
import { describeMachine, type Machine } from './measure/machine.ts'
import { markdownSection, type Table } from './measure/table.ts'
import { readOptions, usage, type BenchOptions } from './options.ts'
import { parts } from './parts/list.ts'
import { findEnvoy } from './proxies/find-envoy.ts'

const page = new URL('../../docs/bench.md', import.meta.url)

cleanUpAtExit()
try {
  await main(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}

async function main (args: readonly string[]): Promise<void> {
  const options = readOptions(args)
  if (options.help) {
    process.stdout.write(usage)
    return
  }
  const envoy = findEnvoy(options.withEnvoy)
  const machine = describeMachine(envoy)
  progress(envoy === undefined ? 'Envoy is not here; --with-envoy fetches it' : `Envoy ${machine.envoy ?? '?'} at ${envoy}`)
  const tables: Table[] = []
  for (const part of parts.filter(({ name, onDemand }) => options.only.length === 0 ? onDemand !== true || options.soak : options.only.includes(name))) {
    progress(`== ${part.name}: ${part.summary}`)
    tables.push(...await part.run({
      connections: 32,
      quick: options.quick,
      rounds: options.rounds,
      seconds: options.seconds,
      warmupSeconds: options.quick ? 0.1 : 0.5,
      progress,
      ...(envoy === undefined ? {} : { envoy })
    }))
  }
  const markdown = report(tables, machine, commandLine(options))
  process.stdout.write(options.json ? `${JSON.stringify({ machine, tables }, null, 2)}\n` : markdown)
  if (options.write) await writeFile(page, markdown)
}

function report (tables: readonly Table[], machine: Machine, command: string): string {
  const versions = [
    `Node ${machine.node}`,
    machine.envoy === undefined ? 'no Envoy' : `Envoy ${machine.envoy}`,
    machine.nginx === undefined ? 'no nginx' : `nginx ${machine.nginx}`
  ].join(', ')
  return `# What it costs

Measured on ${machine.date} with \`${command}\`: ${versions}; ${machine.system}, ${machine.cores} cores (${machine.processor}), ${machine.memoryGiB} GiB.

When it began, the machine's load average was ${machine.load.toFixed(1)}: what other programs ran at the same time makes times longer and
requests per second fewer; the proxies of one table share it alike. The load, the proxies and the server behind them share the cores. So compare rows of one table: CPU per request is what a hop costs;
requests per second and times are a rank on this machine, not a capacity.

${tables.map(markdownSection).join('\n')}`
}

function commandLine ({ only, rounds, seconds, quick, soak }: BenchOptions): string {
  return ['pnpm bench', ...only.map((name) => `--only ${name}`), soak ? '--soak' : '', quick ? '--quick' : '', `--rounds ${rounds}`, `--seconds ${seconds}`]
    .filter((word) => word !== '').join(' ')
}

function progress (line: string): void {
  process.stderr.write(`${line}\n`)
}
