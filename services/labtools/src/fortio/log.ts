/** Levels in fortio's order; what is below the chosen one is left out. */
const levels = ['debug', 'verbose', 'info', 'warning', 'error', 'critical', 'fatal'] as const

export type Level = typeof levels[number]

export interface Log {
  (level: Level, message: string): void
}

/** A level by its name, in any case; undefined when there is none. */
export function readLevel (name: string): Level | undefined {
  return levels.find((level) => level === name.toLowerCase())
}

/** Lines like `10:31:28 W http> text`: time, first letter of the level, what it is about. */
export function createLog (least: Level, write: (text: string) => void): Log {
  return (level, message) => {
    if (levels.indexOf(level) < levels.indexOf(least)) return
    const time = new Date().toTimeString().slice(0, 8)
    write(`${time} ${level.charAt(0).toUpperCase()} http> ${message}\n`)
  }
}

export const levelNames = levels.map((level) => level.charAt(0).toUpperCase() + level.slice(1)).join(', ')
