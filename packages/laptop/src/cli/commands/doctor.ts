import { examine, type Finding } from '../../host/doctor.ts'
import { OptionError } from '../../host/up-options.ts'
import { CliError, print, type CliCommand } from '../command.ts'
import { repository, stateDirectory } from '../home.ts'

const marks: Readonly<Record<Finding['state'], string>> = { ok: 'ok   ', note: 'note ', wrong: 'WRONG' }

/** `bankinfo doctor`: exit code 1 when something keeps the cluster from working. */
export const command: CliCommand = {
  configure: () => {},
  run: async ({ stdout, env }) => {
    try {
      const findings = await examine({ root: repository, directory: stateDirectory(env), env, node: process.version })
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
