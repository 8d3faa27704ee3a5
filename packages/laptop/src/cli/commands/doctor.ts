import { examineCluster } from '../../doctor/cluster.ts'
import type { Finding } from '../../doctor/finding.ts'
import { examine } from '../../host/doctor.ts'
import { OptionError } from '../../host/up-options.ts'
import { CliError, print, textOption, type CliCommand } from '../command.ts'
import { repository, stateDirectory } from '../home.ts'

const marks: Readonly<Record<Finding['state'], string>> = { ok: 'ok   ', note: 'note ', wrong: 'WRONG' }

/** `bankinfo doctor`: this machine, or with --context a cluster; exit code 1 when something keeps it from working. */
export const command: CliCommand = {
  configure: (command) => {
    command.option('--context <name>', 'look at the cluster of this context of your kubeconfig in place of this machine (needs kubectl)')
  },
  run: async ({ stdout, env, options }) => {
    const context = textOption({ options }, 'context')
    try {
      const findings = context === undefined
        ? await examine({ root: repository, directory: stateDirectory(env), env, node: process.version })
        : await examineCluster({ context, env })
      for (const { state, text, mend } of findings) {
        print(stdout, `${marks[state]}  ${text}`)
        if (mend !== undefined) print(stdout, `       -> ${mend}`)
      }
      return findings.some(({ state }) => state === 'wrong') ? 1 : 0
    } catch (error) {
      if (error instanceof OptionError) throw new CliError(error.message)
      throw error
    }
  }
}
