import { reportOf, type LoadReport } from '@bankinfo/load'
import { CliError, collect, flagOption, print, textOption, type CliCommand, type CliContext } from '../command.ts'
import { allowTarget } from './allowed-target.ts'
import { findCaller, loadFromPod, type Caller } from './from-pod.ts'
import { runOutside } from './outside.ts'
import { formatOutcome, type Outcome } from './outcome.ts'
import { readPlan, type LoadPlan } from './plan.ts'
import { watchFlags } from './response-flags.ts'

/** `bankinfo load URL`: many calls, from outside or from a pod through its sidecar, and what became of them. */
export const command: CliCommand = {
  configure: (command) => {
    command
      .argument('<url>', 'as the caller writes it: http://localhost:8080/productpage, or with --from http://httpbin:8000/get')
      .option('-c, --connections <number>', 'calls under way at a time, each over a connection of its own', '1')
      .option('-n, --requests <number>', 'how many calls (100 unless there is a duration)')
      .option('-t, --duration <duration>', 'for how long, such as 10s; ten minutes at most')
      .option('--qps <rate>', 'calls per second over all connections; as fast as they are answered without it')
      .option('--timeout <duration>', 'how long a call may take', '15s')
      .option('-X, --request <method>', 'the method (GET, or POST with --data)')
      .option('-H, --header <header>', 'a header of each request, such as "end-user: jason"; may be given several times', collect)
      .option('-d, --data <text>', 'the body of each request')
      .option('-k, --insecure', 'take any certificate of an https server')
      .option('--from <pod>', 'who calls: POD, TYPE/NAME such as deploy/sleep, or the name of a deployment; through its sidecar')
      .option('--namespace <name>', 'with --from: namespace of the pod', 'default')
      .option('--container <name>', 'with --from: the container that calls')
      .option('-o, --output <format>', 'text or json', 'text')
      .option('--yes-i-own-it', 'call a server that is neither on this machine nor a service of the cluster')
  },
  run: async (context) => {
    const output = textOption(context, 'output') ?? 'text'
    if (output !== 'text' && output !== 'json') throw new CliError(`invalid argument "${output}" for "--output": expected text or json`)
    const plan = readPlan(context)
    const from = textOption(context, 'from')
    const caller = from === undefined ? undefined : await findCaller(context, from)
    if (!flagOption(context, 'yesIOwnIt')) await allowTarget(context, plan.url, caller)
    const outcome = await withFlags(context, { plan, caller })
    print(context.stdout, output === 'json' ? JSON.stringify(outcome, undefined, 2) : formatOutcome(outcome))
    return Object.keys(outcome.report.statuses).every((status) => status === '-1') ? 1 : 0
  }
}

/** Runs the load, and counts the response flags that the caller's proxy, or the gateway, writes into its log meanwhile. */
async function withFlags (context: CliContext, { plan, caller }: { plan: LoadPlan, caller: Caller | undefined }): Promise<Outcome> {
  const watching = await watchFlags(context, { caller, runId: plan.runId })
  try {
    const report = caller === undefined ? await outside(plan) : await loadFromPod(context, plan, caller)
    return { url: plan.url.href, from: caller?.name ?? 'outside', connections: plan.connections, report, flags: await watching?.counted(report.calls) ?? {} }
  } finally {
    watching?.stop()
  }
}

async function outside (plan: LoadPlan): Promise<LoadReport> {
  const stop = new AbortController()
  const interrupt = (): void => { stop.abort() }
  // What was called until ^C is told all the same.
  process.once('SIGINT', interrupt)
  try {
    return reportOf(await runOutside(plan, stop.signal))
  } finally {
    process.off('SIGINT', interrupt)
  }
}
