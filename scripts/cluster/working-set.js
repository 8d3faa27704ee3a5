/**
 * Reads a kubelet's summary (/stats/summary) from standard input and prints the working set of a container in MiB; nothing
 * when the kubelet has not counted it yet. usage: working-set.js NAMESPACE POD CONTAINER
 */
import process from 'node:process'
import { text } from 'node:stream/consumers'

const [namespace, pod, container] = process.argv.slice(2)
const { pods } = JSON.parse(await text(process.stdin))
const bytes = pods.find(({ podRef }) => podRef.namespace === namespace && podRef.name === pod)?.containers.find(({ name }) => name === container)?.memory?.workingSetBytes
if (bytes !== undefined) process.stdout.write(`${Math.round(bytes / 1024 / 1024)}\n`)
