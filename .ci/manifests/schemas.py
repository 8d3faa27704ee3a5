"""JSON schemas for kubeconform: Kubernetes' own kinds, and those of CustomResourceDefinitions.

usage: schemas.py OUT KUBERNETES_VERSION CRD_FILE...
OUT gets one self-contained file for each kind and version, `deployment-apps-v1.json`. Unknown fields are errors, as the API server's strict
validation has it (https://kubernetes.io/docs/reference/using-api/api-concepts/#setting-the-field-validation-level).
"""
import json
import pathlib
import sys

import kubernetes_validate
import yaml


def kubernetes_kinds(version):
    """(file name, schema) of each kind, from the definitions that kubernetes-validate brings along."""
    folder = pathlib.Path(kubernetes_validate.__file__).parent / 'kubernetes-json-schema' / f'v{version}-local-strict'
    definitions = local_references(json.loads((folder / '_definitions.json').read_text())['$defs'])
    for name, definition in definitions.items():
        for kind in definition.get('x-kubernetes-group-version-kind', []):
            suffix = [kind['group'].split('.')[0], kind['version']] if kind['group'] else [kind['version']]
            needed = reachable(name, definitions)
            yield '-'.join([kind['kind'].lower(), *suffix]), {'$ref': f'#/definitions/{name}', 'definitions': needed}


def reachable(name, definitions):
    """The definitions that one refers to, directly or through others, and itself."""
    found, waiting = {}, [name]
    while waiting:
        current = waiting.pop()
        if current not in found:
            found[current] = definitions[current]
            waiting.extend(references(definitions[current]))
    return found


def references(node):
    if isinstance(node, list):
        return [name for item in node for name in references(item)]
    if not isinstance(node, dict):
        return []
    own = [node['$ref'].rsplit('/', 1)[1]] if isinstance(node.get('$ref'), str) else []
    return own + [name for value in node.values() for name in references(value)]


def local_references(node):
    """The same with every reference pointing into its own file."""
    if isinstance(node, list):
        return [local_references(item) for item in node]
    if not isinstance(node, dict):
        return node
    changed = {key: local_references(value) for key, value in node.items()}
    if isinstance(changed.get('$ref'), str):
        changed['$ref'] = '#/definitions/' + changed['$ref'].rsplit('/', 1)[1]
    return changed


def custom_kinds(file):
    """(file name, schema) of each version that a file of CustomResourceDefinitions serves."""
    for document in yaml.safe_load_all(pathlib.Path(file).read_text()):
        if not document or document.get('kind') != 'CustomResourceDefinition':
            continue
        spec = document['spec']
        for version in spec['versions']:
            schema = closed(version['schema']['openAPIV3Schema'])
            schema.setdefault('properties', {}).update(apiVersion={'type': 'string'}, kind={'type': 'string'}, metadata={'type': 'object'})
            yield '-'.join([spec['names']['kind'].lower(), spec['group'].split('.')[0], version['name']]), schema


def closed(node, combined=False):
    """The same with unknown fields refused. Branches of oneOf and the like only add to their parent and stay open."""
    if isinstance(node, list):
        return [closed(item, combined) for item in node]
    if not isinstance(node, dict):
        return node
    changed = {key: closed(value, combined or key in ('oneOf', 'anyOf', 'allOf', 'not')) for key, value in node.items()}
    if changed.pop('x-kubernetes-int-or-string', False):
        changed['type'] = ['integer', 'string']
    is_open = 'additionalProperties' in changed or changed.get('x-kubernetes-preserve-unknown-fields')
    if isinstance(changed.get('properties'), dict) and not combined and not is_open:
        changed['additionalProperties'] = False
    return changed


def main(out, version, *files):
    folder = pathlib.Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    written = 0
    for name, schema in [*kubernetes_kinds(version), *(pair for file in files for pair in custom_kinds(file))]:
        (folder / f'{name}.json').write_text(json.dumps(schema))
        written += 1
    print(f'{written} schemas')


main(*sys.argv[1:])
