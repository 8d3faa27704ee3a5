import { fieldOf, isRecord, recordOf, textOf, arrayOf } from '../../resources/json.ts'
import type { Client } from '../client.ts'
import { CliError, flagOption, print, withNamespace, type CliCommand, type CliContext } from '../command.ts'
import { oneKind, resourcePath } from '../selection/targets.ts'
import { chooseContainer, choosePod, podName, podsBehind } from './pod-target.ts'

/** `bankinfo exec POD -- COMMAND`: the exit code is the command's. */
export const command: CliCommand = {
  configure: (command) => {
    withNamespace(command.argument('<pod>', 'POD, or TYPE/NAME such as deploy/sleep').argument('[command...]', 'after --'))
      .option('-c, --container <name>', 'container, such as istio-proxy')
      .option('-i, --stdin', 'pass standard input on')
      .option('-t, --tty', 'with a terminal')
  },
  run: async (context) => {
    const [target] = context.args
    if (target === undefined || context.argsBeforeDash === context.args.length) {
      throw new CliError('exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead')
    }
    if (context.argsBeforeDash > 1) throw new CliError('one POD is expected before --, the command after it')
    const client = await context.connect()
    const pod = choosePod(context, await podsBehind(context, client, target))
    const container = chooseContainer(context, pod)
    return await execute(context, client, {
      path: `${resourcePath(oneKind('pods'), { namespace: textOf(fieldOf(pod, 'metadata', 'namespace')), name: podName(pod) })}/exec`,
      container,
      command: context.args.slice(1)
    })
  }
}

export interface Execution {
  readonly path: string
  readonly container: string | undefined
  readonly command: readonly string[]
}

const channel = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 }

/** Runs a command in a pod with the context's streams; the options -i and -t of the context hold. @returns its exit code */
export async function execute (context: CliContext, client: Client, { path, container, command: words }: Execution): Promise<number> {
  const { WebSocket } = await import('ws')
  const { stdin, stdout, stderr } = context
  const interactive = flagOption(context, 'stdin')
  const tty = flagOption(context, 'tty') && terminal(context)
  const { server, ca, token } = client.connection
  const url = new URL(path, server.replace(/^http/, 'ws'))
  for (const word of words) url.searchParams.append('command', word)
  const flags = { container, stdout: 'true', stderr: tty ? undefined : 'true', stdin: interactive ? 'true' : undefined, tty: tty ? 'true' : undefined }
  for (const [name, value] of Object.entries(flags)) if (value !== undefined) url.searchParams.set(name, value)
  const socket = new WebSocket(url, ['v5.channel.k8s.io'], { ca, headers: { authorization: `Bearer ${token}` } })

  return await new Promise<number>((resolve, reject) => {
    let status: unknown
    const send = (number: number, data: Buffer): void => {
      if (socket.readyState === WebSocket.OPEN) socket.send(Buffer.concat([Buffer.of(number), data]))
    }
    const restore = tty ? rawTerminal(context, (size) => { send(channel.resize, Buffer.from(JSON.stringify(size))) }) : undefined
    const onData = (data: Buffer | string): void => { send(channel.stdin, Buffer.from(data)) }
    const onEnd = (): void => { send(channel.close, Buffer.of(channel.stdin)) }
    socket.on('open', () => {
      restore?.start()
      if (!interactive) return
      stdin.on('data', onData)
      stdin.on('end', onEnd)
      stdin.resume()
    })
    socket.on('message', (data) => {
      const message = Buffer.isBuffer(data) ? data : Buffer.from(data as ArrayBuffer)
      const rest = message.subarray(1)
      if (message[0] === channel.stdout) stdout.write(rest)
      else if (message[0] === channel.stderr) stderr.write(rest)
      else if (message[0] === channel.error) status = JSON.parse(rest.toString('utf8'))
    })
    socket.on('unexpected-response', (_request, response) => {
      const pieces: Buffer[] = []
      response.on('data', (piece: Buffer) => pieces.push(piece))
      response.on('end', () => {
        const body: unknown = parseOr(Buffer.concat(pieces).toString('utf8'))
        reject(new CliError(`unable to upgrade connection: ${textOf(recordOf(body).message)}`))
      })
    })
    socket.on('error', (error) => { reject(new CliError(error.message)) })
    socket.on('close', () => {
      restore?.stop()
      stdin.off('data', onData)
      stdin.off('end', onEnd)
      stdin.pause()
      try {
        resolve(exitCodeOf(context, status))
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)))
      }
    })
  })
}

/** @throws CliError when the command could not be run at all */
function exitCodeOf (context: CliContext, status: unknown): number {
  if (!isRecord(status)) throw new CliError('the connection ended before the command did')
  if (status.status === 'Success') return 0
  const cause = arrayOf(fieldOf(status, 'details', 'causes')).map(recordOf).find(({ reason }) => reason === 'ExitCode')
  if (cause === undefined) throw new CliError(`Internal error occurred: ${textOf(status.message)}`)
  print(context.stderr, `command terminated with exit code ${textOf(cause.message)}`)
  return Number(cause.message)
}

function terminal ({ stdin, stderr }: CliContext): boolean {
  if (stdin.isTTY === true) return true
  print(stderr, 'Unable to use a TTY - input is not a terminal or the right kind of file')
  return false
}

/** Hands each key on as it is pressed, and tells the size of the terminal when it changes. */
function rawTerminal ({ stdin, stdout }: CliContext, resized: (size: { Width: number, Height: number }) => void): { start: () => void, stop: () => void } {
  const setRaw = (raw: boolean): void => {
    if ('setRawMode' in stdin && typeof stdin.setRawMode === 'function') stdin.setRawMode(raw)
  }
  const tell = (): void => {
    if (stdout.columns !== undefined && 'rows' in stdout) resized({ Width: stdout.columns, Height: Number(stdout.rows) })
  }
  return {
    start: () => {
      setRaw(true)
      tell()
      stdout.on('resize', tell)
    },
    stop: () => {
      stdout.off('resize', tell)
      setRaw(false)
    }
  }
}

function parseOr (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return { message: text }
  }
}
