#!/usr/bin/env bash
# The whole workshop: cleans up, then runs every step in order; the last one cleans up again.
. "$(dirname "$0")/lib.sh"
KEEP=
REST=()
for argument in "$@"; do
  if [ "$argument" = --keep ]; then KEEP=1; else REST+=("$argument"); fi
done
USAGE_OPTIONS="$USAGE_OPTIONS [--keep]"
options ${REST[@]+"${REST[@]}"}
connect

STEPS=(07-clean-up.sh 01-deploy.sh 02-gateway.sh 03-destination-rules.sh 04-user-routing.sh 05-egress.sh 06-style-transfer.sh)
if [ -z "$KEEP" ]; then STEPS+=(07-clean-up.sh); fi
for step in "${STEPS[@]}"; do
  printf '\n######## scripts/%s\n' "$step"
  "scripts/$step" || die "scripts/$step 失败，原因见上。" "scripts/$step failed; the reason stands above."
done
echo
good '教程的每一步都有预期的效果。' 'Every step of the workshop had its effect.'
