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
  ['', ''],
  ['-n istio-system get pods', 'get -n istio-system pods'],
  ['--namespace=istio-system get pods', 'get --namespace=istio-system pods'],
  ['-nistio-system get pods -l a=b', 'get -nistio-system pods -l a=b'],
  ['--context bankinfo -n a delete vs b', 'delete -n a vs b'],
  ['get pods --context=bankinfo', 'get pods'],
  ['doctor --context kind', 'doctor --context kind'],
  ['delete --ignore-not-found=true vs a', 'delete --ignore-not-found vs a'],
  ['delete --ignore-not-found=false --wait=false vs a', 'delete --no-wait vs a'],
  ['delete --wait=true vs a', 'delete vs a'],
  ['get pods --watch=false --show-labels=true', 'get pods --show-labels'],
  ['rollout status deploy/a --watch=false', 'rollout status deploy/a --no-watch'],
  ['exec -n a b -- curl --context=x --force=true', 'exec -n a b -- curl --context=x --force=true'],
  ['load -n 20 http://a', 'load -n 20 http://a']
])('%s is %s', (typed, read) => {
  const words = (text: string): string[] => text === '' ? [] : text.split(' ')
  expect(kubectlArguments(words(typed))).toEqual(words(read))
})

it('refuses the context of another cluster', () => {
  expect(() => kubectlArguments(['--context', 'prod', 'delete', 'ns', 'a'])).toThrow('for "prod" use kubectl')
  expect(() => kubectlArguments(['delete', 'ns', 'a', '--context=prod'])).toThrow('for "prod" use kubectl')
})
