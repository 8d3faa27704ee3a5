import type { Readable, Writable } from 'node:stream'
import type { Command } from 'commander'
import type { Client } from './client.ts'

/** What a command works with; tests bring their own. */
export interface CliContext {
  /** Operands, without the command's name. What follows `--` is among them. */
  readonly args: readonly string[]
  /** How many of the operands stood before `--`; all of them without it. */
  readonly argsBeforeDash: number
  /** As commander parsed them, by camel-case name. */
  readonly options: Readonly<Record<string, unknown>>
  readonly env: NodeJS.ProcessEnv
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly stdout: Writable & { readonly isTTY?: boolean, readonly columns?: number }
  readonly stderr: Writable
  /** A connection to the running laptop cluster. @throws CliError when there is none */
  readonly connect: () => Promise<Client>
}

/** One command of `bankinfo`, in a module of its own that is loaded when the command is called. */
export interface CliCommand {
  /** Declares arguments and options. */
  readonly configure: (command: Command) => void
  /** @returns the exit code */
  readonly run: (context: CliContext) => Promise<number>
}

/** Something that the user can mend; printed as `error: message`, without a stack. */
export class CliError extends Error {
  readonly exitCode: number

  constructor (message: string, exitCode = 1) {
    super(message)
    this.name = 'CliError'
    this.exitCode = exitCode
  }
}

/** Collects an option that may be given several times. */
export function collect (value: string, previous: readonly string[] | undefined): readonly string[] {
  return [...previous ?? [], value]
}

/** `-n, --namespace`: where the objects of a command are. */
export function withNamespace (command: Command): Command {
  return command.option('-n, --namespace <name>', 'namespace of the objects', 'default')
}

/** `-f, -k, -R`: files that objects are read from. */
export function withFiles (command: Command): Command {
  return command
    .option('-f, --filename <path>', 'file, folder or - for standard input; may be given several times', collect)
    .option('-k, --kustomize <folder>', 'folder with a kustomization.yaml')
    .option('-R, --recursive', 'read the folders within a folder, too')
}

/** A string option, undefined when it was not given. */
export function textOption ({ options }: Pick<CliContext, 'options'>, name: string): string | undefined {
  const value = options[name]
  return typeof value === 'string' ? value : undefined
}

export function flagOption ({ options }: Pick<CliContext, 'options'>, name: string): boolean {
  return options[name] === true
}

export function listOption ({ options }: Pick<CliContext, 'options'>, name: string): readonly string[] {
  const value: unknown = options[name]
  return Array.isArray(value) ? value.map(String) : []
}

/** Milliseconds of a duration such as `90s`, `2m`, `1h30m`. @throws CliError */
export function durationOption (context: Pick<CliContext, 'options'>, name: string): number | undefined {
  const text = textOption(context, name)
  if (text === undefined) return undefined
  const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)]
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) {
    if (/^\d+$/.test(text)) return Number(text) * 1_000
    throw new CliError(`invalid argument "${text}" for "--${name}": expected a duration such as 90s or 2m`)
  }
  return parts.reduce((sum, [, number, unit]) => sum + Number(number) * (units[unit ?? ''] ?? 0), 0)
}

export function print (stream: Writable, text: string): void {
  stream.write(text.endsWith('\n') ? text : text + '\n')
}
