"""Checks Grafana dashboards: what Grafana needs to load them, and every query against PromQL's grammar and the metrics that there are.

usage: dashboards.py FILE...
"""
import json
import pathlib
import re
import sys

import promql_parser

# Istio's standard metrics (https://istio.io/latest/docs/reference/config/metrics/), Envoy's cluster counters, and those of
# packages/service/src/metrics.ts with prom-client's own of a Node process.
METRICS = re.compile(r'istio_(requests_total|request_duration_milliseconds_bucket|tcp_connections_opened_total)|envoy_cluster_upstream_rq_pending_overflow'
                     r'|http_request_duration_seconds_(count|bucket)|bankinfo_dependency_attempts_total|process_(resident_memory_bytes|cpu_seconds_total)|nodejs_eventloop_lag_p99_seconds')


def problems(file):
    board = json.loads(pathlib.Path(file).read_text())
    for field in ('uid', 'title', 'schemaVersion', 'panels', 'templating'):
        if field not in board:
            yield f'{field} is missing'
    if board.get('uid') != pathlib.Path(file).stem:
        yield f'uid {board.get("uid")} is not the file\'s name'
    ids = [panel['id'] for panel in board['panels']]
    if len(ids) != len(set(ids)):
        yield 'two panels have one id'
    known = {variable['name'] for variable in board['templating']['list']}
    for panel in board['panels']:
        where = f'panel {panel["id"]} "{panel["title"]}"'
        place = panel['gridPos']
        if place['x'] + place['w'] > 24:
            yield f'{where}: wider than the grid of 24'
        for target in panel['targets']:
            yield from (f'{where}: {problem}' for problem in query_problems(target['expr'], known))


def query_problems(query, known):
    for variable in re.findall(r'\$(\w+)', query):
        if variable not in known:
            yield f'no variable ${variable}'
    try:
        promql_parser.parse(re.sub(r'\$\w+', '.*', query))
    except ValueError as error:
        yield f'{query}: {error}'
    for metric in re.findall(r'([a-z_][a-z0-9_]*)(?=[{\[])', query):
        if not METRICS.fullmatch(metric):
            yield f'nobody counts {metric}'


failed = 0
for name in sys.argv[1:]:
    for problem in problems(name):
        failed += 1
        print(f'{name}: {problem}')
print(f'{len(sys.argv) - 1} dashboards, {failed} problems')
sys.exit(1 if failed else 0)
