#!/usr/bin/env bash
# The traffic lessons, in order, from the base; their rules and sample pods go at the end.
. "$(dirname "$0")/lib.sh"
options "$@"
connect

for step in 15-ingress.sh 16-egress.sh 17-egress-rules.sh 18-around-the-mesh.sh 19-circuit-breaking.sh 20-mirroring.sh 21-telemetry.sh 22-clean-up.sh; do
  printf '\n######## scripts/%s\n' "$step"
  "scripts/$step" || die "scripts/$step 失败，原因见上。" "scripts/$step failed; the reason stands above."
done
echo
good '流量管理的每一课都有预期的效果。' 'Every traffic lesson had its effect.'
