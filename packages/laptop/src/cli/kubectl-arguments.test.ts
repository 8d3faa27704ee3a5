import { expect, it } from 'vitest'
import { kubectlArguments } from './kubectl-arguments.ts'

it.each([
  ['get pods', 'get pods'],
  ['-n istio-system get service istio-ingressgateway', 'get -n istio-system service istio-ingressgateway'],
  ['--namespace=istio-system get pods -o yaml', 'get --namespace=istio-system pods -o yaml'],
  ['delete --ignore-not-found=true -f a.yaml', 'delete --ignore-not-found -f a.yaml'],
  ['exec pod -- curl --compressed=true -n', 'exec pod -- curl --compressed=true -n'],
  ['label pod a on=true', 'label pod a on=true'],
  ['--help', '--help'],
  ['-n istio-system', '-n istio-system'],
  ['', '']
])('%s is %s', (typed, read) => {
  const words = (text: string): string[] => text === '' ? [] : text.split(' ')
  expect(kubectlArguments(words(typed))).toEqual(words(read))
})
