import process from 'node:process'
import { roleOf, type Role } from './roles.ts'

await find(process.argv[2]).run(process)

function find (name: string | undefined): Role {
  try {
    return roleOf(name)
  } catch (error) {
    process.stderr.write(`labtools does not start. ${error instanceof Error ? error.message : String(error)}\n`)
    process.exit(1)
  }
}
